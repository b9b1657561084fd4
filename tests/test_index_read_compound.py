"""Reading of OLE containers: Outlook messages, Word 97, PowerPoint 97, and what protects or damages them."""

from __future__ import annotations

import struct

import pytest

from index.clean import clean
from index.errors import ReadError
from index.read import read_bytes
from index.readers.outlook import decompress
from index.types import RawDocument

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def compound(streams: dict[str, bytes]) -> bytes:
    """Return an OLE container ([MS-CFB] version 3) of these streams, "storage/stream"; each is padded to 4 KiB."""
    paths = sorted({"/".join(path.split("/")[:n]) for path in streams for n in range(1, path.count("/") + 2)})
    sectors: list[bytes] = []
    chains: list[int] = []

    def store(data: bytes) -> int:
        first = len(sectors)
        pieces = [data[at : at + 512].ljust(512, b"\0") for at in range(0, len(data), 512)]
        chains.extend([*range(first + 1, first + len(pieces)), _END])
        sectors.extend(pieces)
        return first

    numbers = {"": 0} | {path: n for n, path in enumerate(paths, 1)}
    children: dict[str, list[str]] = {path: [] for path in numbers}
    for path in paths:
        children[path.rpartition("/")[0]].append(path)
    entries = []
    for path, number in numbers.items():
        name = (path.rpartition("/")[2] or "Root Entry").encode("utf-16-le") + b"\0\0"
        siblings = children[path.rpartition("/")[0]] if path else []
        after = siblings.index(path) + 1 if path else 0
        right = numbers[siblings[after]] if path and after < len(siblings) else _FREE
        child = numbers[children[path][0]] if children[path] else _FREE
        kind = 5 if not number else 2 if path in streams else 1
        data = streams.get(path, b"").ljust(4096, b"\0") if kind == 2 else b""
        start = store(data) if data else _END
        head = name.ljust(64, b"\0") + struct.pack("<HBBIII", len(name), kind, 1, _FREE, right, child)
        entries.append((head + bytes(36)).ljust(116, b"\0")[:116] + struct.pack("<IQ", start, len(data)))
    while len(entries) % 4:
        entries.append(bytes(64) + struct.pack("<HBBIII", 0, 0, 0, _FREE, _FREE, _FREE) + bytes(48))
    directory = store(b"".join(entries))
    size = -(-(len(chains) + 8) // 128)
    fat_at = len(sectors)
    fat = struct.pack(f"<{len(chains)}I", *chains) + struct.pack("<I", _FAT) * size
    fat = fat.ljust(512 * size, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, size, directory, 0, 4096, _END, 0, _END, 0)
    header += b"".join(struct.pack("<I", fat_at + i) for i in range(size))
    return header.ljust(512, b"\xff") + b"".join(sectors) + fat


def noted(raw: RawDocument) -> list[tuple[str, str]]:
    return [(raw.text[: note.mark].split()[-1], raw.text[note.start : note.end]) for note in raw.notes]


# --- Outlook --------------------------------------------------------------------------------------


def text_properties(prefix: str = "", **values: str) -> dict[str, bytes]:
    return {f"{prefix}__substg1.0_{tag.lstrip('t')}001F": value.encode("utf-16-le") for tag, value in values.items()}


def head(size: int, moment: int = 0) -> bytes:
    return bytes(size) + (struct.pack("<IIQ", 0x00390040, 6, moment) if moment else b"")


SENT = (16_563 * 86_400 + 11_644_473_600 + 36_000) * 10_000_000
"""8 May 2015, 10:00 UTC, in steps of 100 ns from 1601: 16,563 days after 1970, which is 11,644,473,600 s after 1601."""


def message(**more: bytes) -> bytes:
    streams = text_properties(t0037="The ferry", t0C1A="Anna Berg", t5D01="anna@harbour.example", t0E04="Jonas Vik")
    return compound({"__properties_version1.0": head(32, SENT), **streams, **more})


def test_an_outlook_message() -> None:
    raw = read_bytes(message(**text_properties(t1000="The ferry is late.\r\n\r\nAnna")), "a.msg")
    assert raw.text == (
        "From: Anna Berg <anna@harbour.example>\nTo: Jonas Vik\nDate: Fri, 08 May 2015 10:00:00 +0000\n"
        "Subject: The ferry\n\nThe ferry is late.\n\nAnna"
    )
    known = raw.metadata
    assert (known.title, known.author, known.date, raw.kind) == ("The ferry", "Anna Berg", "2015-05-08", "msg")


def test_what_is_attached_to_an_outlook_message() -> None:
    one, two = "__attach_version1.0_#00000000/", "__attach_version1.0_#00000001/"
    inner = f"{two}__substg1.0_3701000D/"
    more = {
        **text_properties(one, t3707="C:\\x\\ports.csv"),
        f"{one}__properties_version1.0": head(8),
        f"{one}__substg1.0_37010102": b"Port,Cars\nLeith,5\n",
        f"{two}__properties_version1.0": head(8),
        f"{inner}__properties_version1.0": head(24, SENT),
        **text_properties(inner, t0037="Ice", t0C1A="Jonas Vik", t1000="The sound is frozen."),
    }
    first, second = read_bytes(message(**more, **text_properties(t1000="See below.")), "a.msg").attached
    assert (first.name, first.data.rstrip(b"\0")) == ("ports.csv", b"Port,Cars\nLeith,5\n")
    forwarded = read_bytes(second.data, second.name)
    assert (second.name, forwarded.kind) == ("Ice.eml", "eml")
    assert (forwarded.metadata.author, forwarded.metadata.date) == ("Jonas Vik", "2015-05-08")
    assert forwarded.text.endswith("The sound is frozen.")


def test_an_outlook_body_in_compressed_rtf() -> None:
    # The example of [MS-OXRTFCP] 4.1.1, which is "{\rtf1\ansi\ansicpg1252\pard hello world}" and a line's end.
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232 0af3206865 6c090020627705b06c647d0a800fa0".replace(
            " ", ""
        )
    )
    assert decompress(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert read_bytes(message(**{"__substg1.0_10090102": packed}), "a.msg").text.endswith("\n\nhello world")


def test_an_encrypted_outlook_message() -> None:
    locked = message(**text_properties(t001A="IPM.Note.SMIME"))
    with pytest.raises(ReadError, match=r"a\.msg: is encrypted"):
        read_bytes(locked, "a.msg")


# --- Word 97 --------------------------------------------------------------------------------------


def word(body: str, notes: list[tuple[int, str]], heads: str = "", *, flags: int = 0, styles: bytes = b"") -> bytes:
    """Return a Word 97 file: its characters as one piece from 2048 on; `notes` are positions of marks and texts."""
    foot = "".join(f"\x02{text}\r" for _, text in notes) + ("\r" if notes else "")
    text = body + foot + heads
    table = bytearray(16)
    parts: dict[int, tuple[int, int]] = {}

    def part(index: int, data: bytes) -> None:
        parts[index] = (len(table), len(data))
        table.extend(data)

    places = [at for at, _ in notes]
    if notes:
        part(2, struct.pack(f"<{len(places) + 1}I", *places, len(body)) + bytes(2 * len(places)))
        starts = [0]
        for _, words in notes:
            starts.append(starts[-1] + len(words) + 2)
        part(3, struct.pack(f"<{len(starts) + 1}I", *starts, len(foot)))
    part(33, b"\x02" + struct.pack("<I", 16) + struct.pack("<IIHIH", 0, len(text), 0, 2048, 0))
    if styles:
        part(1, styles)
        part(13, struct.pack("<III", 2048, 2048 + 2 * len(text), 3))
    main = bytearray(2048)
    struct.pack_into("<H", main, 0, 0xA5EC)
    struct.pack_into("<H", main, 10, flags)
    struct.pack_into("<III", main, 0x4C, len(body), len(foot), len(heads))
    for index, (offset, size) in parts.items():
        struct.pack_into("<II", main, 154 + 8 * index, offset, size)
    if styles:  # one sheet of paragraph properties, at 1536: the first paragraph has style 1
        end = 2048 + 2 * (body.index("\r") + 1)
        struct.pack_into("<III", main, 1536, 2048, end, 2048 + 2 * len(text))
        main[1536 + 12] = 250 // 2
        main[1536 + 25] = 0
        main[1536 + 250] = 2
        struct.pack_into("<H", main, 1536 + 251, 1)
        main[1536 + 511] = 2
    return compound({"WordDocument": bytes(main) + text.encode("utf-16-le"), "0Table": bytes(table)})


def test_a_word_97_file() -> None:
    body = 'Speed\rThe ferry\x02 is \x13 HYPERLINK "http://x.example" \x14slow\x15, not\x1eso\x0bfast.\r'
    entry = struct.pack("<HHHH", 1, 0xFFF1, 0, 0)
    styles = struct.pack("<HH", 2, 2) + struct.pack("<H", 0) + struct.pack("<H", len(entry)) + entry
    raw = read_bytes(word(body, [(15, "Ten knots.")], "Harbour report\r", styles=styles), "a.doc")
    assert raw.text == "Speed\n\nThe ferry is slow, not-so fast.\n\nTen knots.\n\nHarbour report"
    assert noted(raw) == [("ferry", "Ten knots.")]
    assert [(h.level, raw.text[h.start : h.end]) for h in raw.headings] == [(1, "Speed")]
    assert clean(raw).text == "Speed\n\nThe ferry is slow, not-so fast.\n\nTen knots."


def test_a_protected_and_a_damaged_word_97_file() -> None:
    with pytest.raises(ReadError, match=r"a\.doc: is protected with a password"):
        read_bytes(word("Speed\r", [], flags=0x100), "a.doc")
    with pytest.raises(ReadError, match=r"a\.doc: is damaged"):
        read_bytes(compound({"WordDocument": b"\xec\xa5" + bytes(100)}), "a.doc")


def properties(title: bytes, ticks: int, vector: bool = False) -> bytes:
    """Return a set of properties, [MS-OLEPS]: code page, title, author, time; an author may be an endless list."""
    author = (
        struct.pack("<II", 0x101E, 0xFFFFFFFF) if vector else struct.pack("<II", 0x1F, 3) + "Eva".encode("utf-16-le")
    )
    values = {
        1: struct.pack("<IHH", 2, 1251, 0),
        2: struct.pack("<II", 0x1E, len(title) + 1) + title + b"\0",
        4: author,
        12: struct.pack("<IQ", 0x40, ticks),
    }
    listed, body = b"", b""
    for number, value in values.items():
        listed += struct.pack("<II", number, 8 + 8 * len(values) + len(body))
        body += value
    section = struct.pack("<II", 8 + len(listed) + len(body), len(values)) + listed + body
    return (
        struct.pack("<HHI", 0xFFFE, 0, 2)
        + bytes(16)
        + struct.pack("<I", 1)
        + bytes(16)
        + struct.pack("<I", 48)
        + section
    )


@pytest.mark.parametrize("vector", [False, True])
def test_properties_of_an_old_file(vector: bool) -> None:
    from io import BytesIO

    import olefile

    with olefile.OleFileIO(BytesIO(word("Words of the ferry.\r", []))) as ole:
        streams = {name: ole.openstream(name).read() for name in ("WordDocument", "0Table")}
    streams["\x05SummaryInformation"] = properties("Паром и лёд".encode("cp1251"), SENT, vector)
    known = read_bytes(compound(streams), "a.doc").metadata
    assert (known.title, known.author) == ("Паром и лёд", None if vector else "Eva")
    assert (known.date, known.date_basis) == ("2015-05-08", "file")


# --- PowerPoint 97 --------------------------------------------------------------------------------


def record(kind: int, data: bytes, *, instance: int = 0, container: bool = False) -> bytes:
    return struct.pack("<HHI", instance << 4 | (15 if container else 0), kind, len(data)) + data


def words(kind: int, text: str) -> bytes:
    return record(3999, struct.pack("<I", kind)) + record(4000, text.encode("utf-16-le"))


def test_a_powerpoint_97_file() -> None:
    place = struct.pack("<IIIII", 2, 0, 0, 256, 0)
    notes_place = struct.pack("<IIIII", 3, 0, 0, 512, 0)
    slides = record(1011, place) + words(0, "Ferry") + words(1, "Ten knots\rSixty people")
    document = record(
        1000,
        record(4080, slides, container=True) + record(4080, record(1011, notes_place), instance=2, container=True),
        container=True,
    )
    old = record(1006, words(0, "An older title"), container=True)
    atom = record(1007, bytes(16) + struct.pack("<II", 512, 0))
    outline = record(3998, struct.pack("<I", 0)) + record(3998, struct.pack("<I", 1))
    slide = record(1006, atom + record(0xF00D, outline + words(4, "A box"), container=True), container=True)
    notes = record(1008, record(0xF00D, words(2, "Speak slowly."), container=True), container=True)
    stream, places = b"", []
    for part in (document, old, slide, notes):
        places.append(len(stream))
        stream += part
    directory = len(stream)
    stream += record(6002, struct.pack("<IIII", 1 | 3 << 20, places[0], places[2], places[3]))
    edit = len(stream)
    stream += record(4085, struct.pack("<IIIIIII", 0, 0, 0, directory, 1, 3, 0))
    user = record(0x0FF6, struct.pack("<III", 20, 0xE391C05F, edit))
    raw = read_bytes(compound({"PowerPoint Document": stream, "Current User": user}), "a.ppt")
    assert raw.text == "Ferry\n\n- Ten knots\n- Sixty people\n\nA box\n\nNotes: Speak slowly."
    assert (raw.pages, [raw.text[h.start : h.end] for h in raw.headings]) == ((0,), ["Ferry"])
    locked = record(0x0FF6, struct.pack("<III", 20, 0xF3D1C4DF, edit))
    with pytest.raises(ReadError, match=r"a\.ppt: is protected with a password"):
        read_bytes(compound({"PowerPoint Document": stream, "Current User": locked}), "a.ppt")


# --- containers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("streams", "name", "reason"),
    [
        ({"EncryptedPackage": b"x", "EncryptionInfo": b"x"}, "a.docx", "is protected with a password"),
        ({"Something": b"x"}, "a.doc", "holds no text, sheet, slides or mail"),
    ],
)
def test_other_containers(streams: dict[str, bytes], name: str, reason: str) -> None:
    with pytest.raises(ReadError, match=rf"{name}: .*{reason}"):
        read_bytes(compound(streams), name)


def test_a_container_that_is_cut_off() -> None:
    with pytest.raises(ReadError, match="damaged"):
        read_bytes(compound({"WordDocument": b"x"})[:700], "a.doc")


def test_a_pdf_within_an_old_file_is_attached() -> None:
    data = word("Speed\r", [])
    assert not read_bytes(data, "a.doc").attached
    streams = {"WordDocument": b"", "ObjectPool/_1/CONTENTS": b"%PDF-1.4 ..."}
    from io import BytesIO

    import olefile

    with olefile.OleFileIO(BytesIO(data)) as ole:
        streams |= {"WordDocument": ole.openstream("WordDocument").read(), "0Table": ole.openstream("0Table").read()}
    assert [attached.name for attached in read_bytes(compound(streams), "a.doc").attached] == ["object 1.pdf"]
