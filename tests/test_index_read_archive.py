"""Reading of archives: the files within, names that are only names, and limits before anything is unpacked."""

from __future__ import annotations

import io
import zipfile

import pytest

from index.errors import ReadError
from index.read import read_bytes
from index.readers.archive import read_zip


def packed(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


def test_members_are_attached() -> None:
    inner = packed({"deep.txt": b"Deep words."})
    members = {"a/ferry.txt": b"The ferry.", "b.unknown": b"?", "c.zip": inner, "__MACOSX/._a": b"x", ".DS_Store": b"x"}
    raw = read_bytes(packed(members), "a.zip")
    assert (raw.text, raw.kind) == ("", "zip")
    assert {attached.name: attached.data for attached in raw.attached} == {
        "a/ferry.txt": b"The ferry.",
        "b.unknown": b"?",
        "c.zip": inner,
    }
    assert read_bytes(raw.attached[2].data, "c.zip").attached[0].name == "deep.txt"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("../../etc/passwd.txt", "etc/passwd.txt"),
        ("/etc/passwd.txt", "etc/passwd.txt"),
        ("C:\\temp\\a.txt", "C_/temp/a.txt"),
        ("a/./b//c.txt", "a/b/c.txt"),
    ],
)
def test_a_path_is_only_a_name(path: str, name: str) -> None:
    assert [attached.name for attached in read_bytes(packed({path: b"words"}), "a.zip").attached] == [name]


def test_names_in_another_alphabet() -> None:
    data = packed({"pört.txt": b"words"})
    assert read_bytes(data, "a.zip").attached[0].name == "pört.txt"
    unsaid = bytearray(data)  # many programs write UTF-8 and do not say so
    unsaid[7] &= 0xF7
    unsaid[data.index(b"PK\x01\x02") + 9] &= 0xF7
    assert read_bytes(bytes(unsaid), "a.zip").attached[0].name == "pört.txt"


def test_limits() -> None:
    with pytest.raises(ReadError, match=r"a\.zip: holds 3 files, over the limit of 2"):
        read_zip(packed({f"{n}.txt": b"words" for n in range(3)}), "a.zip", max_members=2)
    with pytest.raises(ReadError, match=r"a\.zip: unpacks to 3 MiB, over the limit of 1 MiB"):
        read_zip(packed({"a.txt": b"x" * 3 * 2**20}), "a.zip", max_unpacked=2**20)
    with pytest.raises(ReadError, match=r"times its size, as a zip bomb does"):
        read_bytes(packed({"a.txt": b"\0" * 60 * 2**20}), "a.zip")


def test_an_office_file_may_be_a_bomb_too() -> None:
    bomb = packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": b" " * 60 * 2**20})
    with pytest.raises(ReadError, match="as a zip bomb does"):
        read_bytes(bomb, "a.docx")


def test_protected_damaged_and_empty_archives() -> None:
    data = packed({"a.txt": b"words " * 50})
    locked = bytearray(data)
    locked[6] |= 1
    locked[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ReadError, match="password"):
        read_bytes(bytes(locked), "a.zip")
    with pytest.raises(ReadError, match="damaged or cut off"):
        read_bytes(data[:-30], "a.zip")
    broken = bytearray(data)
    broken[40] ^= 0xFF
    with pytest.raises(ReadError, match=r"damaged at a\.txt"):
        read_bytes(bytes(broken), "a.zip")
    with pytest.raises(ReadError, match="no files in it"):
        read_bytes(packed({}), "a.zip")


def test_a_member_that_lies_about_its_size_is_not_unpacked_beyond_it() -> None:
    data = bytearray(packed({"a.txt": b"x" * 100_000}))
    for place in (22, data.index(b"PK\x01\x02") + 24):
        data[place : place + 4] = (10).to_bytes(4, "little")
    with pytest.raises(ReadError, match="damaged"):
        read_bytes(bytes(data), "a.zip")
