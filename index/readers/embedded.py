"""Find the files that lie within an Office file: a sheet in a report, a PDF in a slide."""

from __future__ import annotations

import posixpath
from io import BytesIO

from index.errors import ReadError
from index.readers.compound import STREAMS, unwrapped
from index.readers.package import Package
from index.readers.sniff import OLE, sniff
from index.types import Attached

_MAX_FILES = 200


def embedded(package: Package, relations: dict[str, tuple[str, str]]) -> list[Attached]:
    """Return the files that a part of an Office file shows or links to, as far as they can be read."""
    found: list[Attached] = []
    for kind, path in relations.values():
        if kind not in ("package", "oleObject") or path not in package or len(found) >= _MAX_FILES:
            continue
        data = package.read(path)
        name = posixpath.basename(path)
        attached = _unwrapped(data, name) if data.startswith(OLE) else Attached(name, data)
        if attached:
            found.append(attached)
    return found


def _unwrapped(data: bytes, name: str) -> Attached | None:
    """Return the file in an OLE object, or the object itself when it is an old Office file."""
    import olefile

    stem = posixpath.splitext(name)[0]
    try:
        suffix = sniff(data, name)
        return Attached(stem + suffix, data)
    except ReadError:
        pass  # an object of another kind: it may hold a file
    try:
        with olefile.OleFileIO(BytesIO(data)) as ole:
            return next(
                (unwrapped(ole.openstream(stream).read(), stream, stem) for stream in STREAMS if ole.exists(stream)),
                None,
            )
    except Exception:  # noqa: BLE001 - a damaged object within a file costs the object, not the file
        return None
