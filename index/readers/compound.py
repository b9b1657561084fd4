"""What the old Office files have in common: what they say of themselves, and the files that lie within them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from index.errors import ReadError
from index.metadata import Properties
from index.readers.sniff import sniff
from index.types import Attached

STREAMS = ("contents", "package", "\x01ole10native")
"""The streams in which an object keeps a file."""

_MAX_FILES = 200


def summary(ole: Any) -> Properties:
    """Return the properties of a file."""
    try:
        known = ole.get_metadata()
        encoding = f"cp{known.codepage}" if known.codepage and known.codepage > 0 else "cp1252"
        created = known.create_time
        date = created.date().isoformat() if isinstance(created, datetime) and created.year > 1900 else None
        return Properties(_text(known.title, encoding), _text(known.author, encoding), date)
    except Exception:  # noqa: BLE001 - damaged properties cost the properties, not the file
        return Properties()


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


def _text(value: object, encoding: str) -> str | None:
    if isinstance(value, bytes):
        try:
            text = value.decode("utf-8" if encoding == "cp65001" else encoding, "replace")
        except LookupError:
            text = value.decode("cp1252", "replace")
        return text.strip("\0 ") or None
    return value.strip("\0 ") or None if isinstance(value, str) else None
