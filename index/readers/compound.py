"""What the old Office files have in common: what they say of themselves, and the files that lie within them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from index.errors import ReadError
from index.metadata import Properties
from index.readers.rtf import code_page
from index.readers.sniff import sniff
from index.types import Attached

STREAMS = ("contents", "package", "\x01ole10native")
"""The streams in which an object keeps a file."""

_MAX_FILES = 200

_SUMMARY = "\x05SummaryInformation"
_CODE_PAGE, _TITLE, _AUTHOR, _CREATED = 1, 2, 4, 12
_NARROW, _WIDE = 0x1E, 0x1F
_MAX_PROPERTIES, _LONGEST = 100, 2_000
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_LATEST = 1 << 59


def summary(ole: Any) -> Properties:
    """Return the properties of a file, [MS-OLEPS].

    olefile has a parser of them, which counts on for as long as a damaged file tells it to.
    """
    if not ole.exists(_SUMMARY):
        return Properties()
    data = ole.openstream(_SUMMARY).read()
    start = _number(data, 44)
    found: dict[int, bytes] = {}
    for i in range(min(_number(data, start + 4), _MAX_PROPERTIES)):
        at = start + 8 + 8 * i
        place = start + _number(data, at + 4)
        found[_number(data, at)] = data[place : place + _LONGEST]
    number = int.from_bytes(found.get(_CODE_PAGE, b"")[4:6], "little")
    encoding = code_page(number) if number else "cp1252"
    ticks = int.from_bytes(found.get(_CREATED, b"")[4:12], "little")
    date = (_EPOCH + timedelta(microseconds=ticks // 10)).date().isoformat() if 0 < ticks < _LATEST else None
    return Properties(_text(found.get(_TITLE, b""), encoding), _text(found.get(_AUTHOR, b""), encoding), date)


def attached_objects(ole: Any) -> list[Attached]:
    """Return the files that lie in the objects of an old Office file, as far as they are files of their own."""
    found: list[Attached] = []
    for entry in ole.listdir():
        if len(entry) > 1 and entry[-1].casefold() in STREAMS and len(found) < _MAX_FILES:
            try:
                attached = unwrapped(ole.openstream(entry).read(), entry[-1], f"object {len(found) + 1}")
            except Exception:  # noqa: BLE001 - a damaged object within a file costs the object, not the file
                attached = None
            found += [attached] if attached else []
    return found


def unwrapped(stream: bytes, name: str, title: str) -> Attached | None:
    """Return the file in the stream of an object: as it is, or as the OLE packager wraps it."""
    if name.casefold() == STREAMS[2]:
        return _native(stream)
    try:
        suffix = sniff(stream, title)
    except ReadError:
        return None
    return Attached(title + suffix, stream) if suffix else None


def _native(stream: bytes) -> Attached | None:
    """Return the file in a stream of the packager: size, flags, label, path, flags, path, size, bytes."""
    label, _, rest = stream[6:].partition(b"\0")
    _, _, rest = rest.partition(b"\0")
    rest = rest[8 + int.from_bytes(rest[4:8], "little") :]
    data = rest[4 : 4 + int.from_bytes(rest[:4], "little")]
    name = label.decode("cp1252", "replace").replace("\\", "/").rpartition("/")[2]
    return Attached(name, data) if name and data else None


def _text(value: bytes, encoding: str) -> str | None:
    """Return a property that is text, in the code page of its set or in UTF-16."""
    kind, size = _number(value, 0), _number(value, 4)
    if kind == _WIDE:
        text = value[8 : 8 + 2 * size].decode("utf-16-le", "replace")
    elif kind == _NARROW:
        text = value[8 : 8 + size].decode(encoding, "replace")
    else:
        return None
    return text.split("\0")[0].strip() or None


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")
