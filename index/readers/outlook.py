"""Read Outlook messages (MSG): subject, sender, date, the body in the best of its forms, what is attached.

The properties are those of [MS-OXMSG] and [MS-OXPROPS].
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from io import BytesIO
from typing import TYPE_CHECKING

from index.errors import ReadError
from index.readers.blocks import unmarked
from index.readers.mail import letter, page
from index.readers.rtf import code_page
from index.types import Attached, RawDocument

if TYPE_CHECKING:
    from olefile import OleFileIO

_SUBJECT, _BODY, _HTML, _RTF = "0037", "1000", "1013", "1009"
_SENDER, _SENDER_MAIL, _SENDER_SMTP = "0C1A", "0C1F", "5D01"
_TO, _CC = "0E04", "0E03"
_FILE_LONG, _FILE, _DATA, _LABEL = "3707", "3704", "3701", "3001"
_SENT, _RECEIVED, _CREATED = 0x00390040, 0x0E060040, 0x30070040
_CODE_PAGES = (0x3FFD0003, 0x3FDE0003)
_CLASS = "001A"
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_ENCRYPTED = re.compile(r"rpmsg|SMIME(?!\.MultipartSigned)", re.IGNORECASE)
_NO_NAME = re.compile(r"[\\/:*?\"<>|\x00-\x1f]+")
_MAX_ATTACHED = 500
_DEEPEST = 6

# What every compressed body starts from, [MS-OXRTFCP] 2.1.2.1.
_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_MAX_RTF = 50 * 1024 * 1024


def read_msg(data: bytes, name: str) -> RawDocument:
    """Read the bytes of an Outlook message.

    Raises:
        ReadError: when it is damaged or encrypted.
    """
    import olefile

    try:
        with olefile.OleFileIO(BytesIO(data)) as ole:
            message = _message(_Store(ole, (), 32), name, 0)
    except ReadError:
        raise
    except Exception as error:  # on damaged bytes the library fails in many ways
        raise ReadError(f"{name}: is damaged ({error}). Save it again from Outlook and retry.") from error
    return letter(message.heads, message.body, message.attached, "msg")


class _Store:
    """The properties of a message, or of one of its parts, in a storage of the file."""

    def __init__(self, ole: OleFileIO, path: tuple[str, ...], head: int) -> None:
        self.ole = ole
        self.path = path
        stream = [*path, "__properties_version1.0"]
        data = ole.openstream(stream).read() if ole.exists(stream) else b""
        self._fixed: dict[int, int] = {}
        for at in range(head, len(data) - 15, 16):
            self._fixed[int.from_bytes(data[at : at + 4], "little")] = int.from_bytes(data[at + 8 : at + 16], "little")
        page_number = next((self._fixed[tag] & 0xFFFFFFFF for tag in _CODE_PAGES if tag in self._fixed), 1252)
        self.encoding = code_page(page_number)

    def text(self, tag: str) -> str:
        """Return a property that is text, empty when it is not there."""
        wide = self.binary(tag, "001F")
        if wide:
            return unmarked(wide.decode("utf-16-le", "replace").rstrip("\0"))
        return unmarked(self.binary(tag, "001E").decode(self.encoding, "replace").rstrip("\0"))

    def binary(self, tag: str, kind: str = "0102") -> bytes:
        """Return a property that is bytes, none when it is not there."""
        stream = [*self.path, f"__substg1.0_{tag}{kind}"]
        return bytes(self.ole.openstream(stream).read()) if self.ole.exists(stream) else b""

    def moment(self, *tags: int) -> datetime | None:
        """Return the first of these times that is there."""
        for tag in tags:
            ticks = self._fixed.get(tag, 0)
            if 0 < ticks < 1 << 62:
                return _EPOCH + timedelta(microseconds=ticks // 10)
        return None

    def parts(self, prefix: str) -> list[tuple[str, ...]]:
        """Return the paths of the storages in this one whose name begins so."""
        size = len(self.path) + 1
        found = {tuple(entry[:size]) for entry in self.ole.listdir() if len(entry) > size}
        return sorted(path for path in found if path[:-1] == self.path and path[-1].startswith(prefix))


@dataclass(frozen=True)
class _Message:
    heads: dict[str, str]
    body: RawDocument | str
    attached: list[Attached]


def _message(store: _Store, name: str, depth: int) -> _Message:
    if _ENCRYPTED.search(store.text(_CLASS)) and not store.text(_BODY).strip():
        raise ReadError(f"{name}: is encrypted. Open it in Outlook, save a copy that is not and add that.")
    address = store.text(_SENDER_SMTP) or store.text(_SENDER_MAIL)
    sender = store.text(_SENDER)
    if "@" in address and address != sender:
        sender = f"{sender} <{address}>".strip()
    moment = store.moment(_SENT, _RECEIVED, _CREATED)
    heads = {
        "From": sender,
        "To": store.text(_TO),
        "Cc": store.text(_CC),
        "Date": format_datetime(moment) if moment else "",
        "Subject": store.text(_SUBJECT),
    }
    return _Message(heads, _body(store, name), _attachments(store, name, depth))


def _body(store: _Store, name: str) -> RawDocument | str:
    plain = store.text(_BODY)
    if plain.strip():
        return plain
    markup = store.binary(_HTML) or store.text(_HTML).encode()
    if markup.strip():
        return page(markup, store.encoding, name)
    rich = decompress(store.binary(_RTF))
    if not rich:
        return ""
    from index.readers.rich import read_rtf

    return read_rtf(rich, name)  # a page that is wrapped in RTF reads as RTF: its tags are in groups of their own


def _mail(message: _Message) -> bytes:
    """Return a message within a message in the form of mail."""
    mail = EmailMessage()
    for key, value in message.heads.items():
        if value:
            mail[key] = " ".join(value.split())
    mail.set_content(message.body if isinstance(message.body, str) else message.body.text)
    for attached in message.attached:
        mail.add_attachment(attached.data, maintype="application", subtype="octet-stream", filename=attached.name)
    return mail.as_bytes()


def _attachments(store: _Store, name: str, depth: int) -> list[Attached]:
    found: list[Attached] = []
    for path in store.parts("__attach_version1.0_")[:_MAX_ATTACHED]:
        part = _Store(store.ole, path, 8)
        given = part.text(_FILE_LONG) or part.text(_FILE) or part.text(_LABEL)
        given = given.replace("\\", "/").rpartition("/")[2].strip()
        data = part.binary(_DATA)
        inner = (*path, f"__substg1.0_{_DATA}000D")
        if data:
            found.append(Attached(given or f"attachment {len(found) + 1}", data))
        elif store.ole.exists([*inner, "__properties_version1.0"]) and depth < _DEEPEST:
            message = _message(_Store(store.ole, inner, 24), name, depth + 1)
            title = _NO_NAME.sub(" ", message.heads["Subject"] or given or "mail").strip()
            found.append(Attached(f"{title[:80]}.eml", _mail(message)))
    return found


def decompress(packed: bytes) -> bytes:
    """Return the RTF in a compressed body, [MS-OXRTFCP]; what is damaged ends it."""
    if packed[8:12] == b"MELA":
        return packed[16:]
    window = bytearray(_DICTIONARY.ljust(4096, b" "))
    written, at = len(_DICTIONARY), 16
    out = bytearray()
    while at < len(packed) and len(out) < _MAX_RTF:
        control, at = packed[at], at + 1
        for bit in range(8):
            if not control >> bit & 1:
                copied = packed[at : at + 1]
                at += 1
            else:
                token = int.from_bytes(packed[at : at + 2], "big")
                at += 2
                start, length = token >> 4, (token & 15) + 2
                if start == written % 4096:
                    return bytes(out)
                copied = b""
                for offset in range(length):
                    byte = window[(start + offset) % 4096]
                    copied += bytes((byte,))
                    window[written % 4096] = byte
                    written += 1
                out += copied
                continue
            if not copied:
                return bytes(out)
            window[written % 4096] = copied[0]
            written += 1
            out += copied
    return bytes(out)
