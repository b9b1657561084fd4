"""Read zip archives: the files in them, each to be read as what it is. Nothing is written to disk."""

from __future__ import annotations

import posixpath
import zipfile

from index.errors import ReadError
from index.readers.package import Package
from index.types import Attached, RawDocument

MAX_UNPACKED = 200 * 1024 * 1024
MAX_MEMBERS = 5_000
_LITTER = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")
_UTF8_NAMES = 0x800


def read_zip(
    data: bytes, name: str, *, max_unpacked: int = MAX_UNPACKED, max_members: int = MAX_MEMBERS
) -> RawDocument:
    """Return the members of a zip archive as attached files; an archive has no text of its own.

    Raises:
        ReadError: when it is damaged, protected, empty, or unpacks to more than the limits allow.
    """
    package = Package(data, name, max_unpacked=max_unpacked, max_members=max_members)
    members = [(shown_path(info), info) for info in package.members]
    attached = tuple(Attached(path, package.unpack(info)) for path, info in members if not _is_litter(path))
    if not attached:
        raise ReadError(f"{name}: is an archive with no files in it.")
    return RawDocument("", "zip", "blocks", attached=attached)


def shown_path(info: zipfile.ZipInfo) -> str:
    """Return the path of a member as a name and no more: no root, no drive, no way up."""
    path = info.filename
    if not info.flag_bits & _UTF8_NAMES:
        path = _renamed(path)
    parts = path.replace("\\", "/").replace(":", "_").split("/")
    return posixpath.join(*([part for part in parts if part.strip(" .")] or ["unnamed"]))


def _renamed(path: str) -> str:
    """Return a name that says not its encoding, and that zipfile took for cp437, in UTF-8 if it is that."""
    try:
        return path.encode("cp437").decode("utf-8")
    except UnicodeError:
        return path


def _is_litter(path: str) -> bool:
    """Tell whether a member is what file managers leave behind."""
    folded = path.casefold()
    return folded.startswith(_LITTER[0]) or folded.rpartition("/")[2] in _LITTER[1:]
