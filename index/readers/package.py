"""Open a zip container (an Office file, a book, an archive) within limits, and its XML without entities.

Owns: the refusal of bombs, passwords and damage before anything is unpacked. Writes nothing to disk, fetches
nothing.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from io import BytesIO
from typing import Any
from urllib.parse import unquote

from index.errors import ReadError

Element = Any
"""An element of lxml, which ships no types."""

MAX_UNPACKED = 1024 * 1024 * 1024
MAX_MEMBERS = 20_000
MAX_RATIO = 200
_FREE = 50 * 1024 * 1024
"""Bytes up to which the ratio is not looked at: a sheet of one repeated value packs well."""


class Package:
    """The members of a zip container, by their path, upper and lower case alike.

    Raises:
        ReadError: when it is damaged, protected, or unpacks to more than the limits allow.
    """

    def __init__(
        self,
        data: bytes,
        name: str,
        *,
        max_unpacked: int = MAX_UNPACKED,
        max_members: int = MAX_MEMBERS,
        max_ratio: int = MAX_RATIO,
    ) -> None:
        self.name = name
        try:
            self._archive = zipfile.ZipFile(BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise ReadError(f"{name}: is damaged or cut off ({error}). Save or download it again.") from error
        self.members = [info for info in self._archive.infolist() if not info.is_dir()]
        _check(self.members, len(data), name, max_unpacked, max_members, max_ratio)
        self._paths = {info.filename.replace("\\", "/").lstrip("/").casefold(): info for info in self.members}

    def __contains__(self, path: str) -> bool:
        return path.casefold() in self._paths

    def paths(self) -> list[str]:
        """Return the paths of the members, in lower case."""
        return list(self._paths)

    def read(self, path: str) -> bytes:
        """Return the bytes of a member, none when there is no such member.

        Raises:
            ReadError: when it is protected or damaged.
        """
        info = self._paths.get(path.casefold())
        return self.unpack(info) if info else b""

    def unpack(self, info: zipfile.ZipInfo) -> bytes:
        """Return the bytes of a member.

        Raises:
            ReadError: when it is protected or damaged.
        """
        if info.flag_bits & 1:
            raise ReadError(f"{self.name}: is protected with a password. Save a copy without it and add that.")
        try:
            return self._archive.read(info)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
            raise ReadError(
                f"{self.name}: is damaged at {info.filename} ({error}). Save it again and retry."
            ) from error

    def xml(self, path: str) -> Element | None:
        """Return the root of an XML member, or None when there is none.

        Raises:
            ReadError: when it is protected or damaged.
        """
        data = self.read(path)
        return parse_xml(data, f"{self.name}: {posixpath.basename(path)}") if data.strip() else None

    def relations(self, path: str) -> dict[str, tuple[str, str]]:
        """Return the parts that an Office part refers to: for each id the kind and the path of the other."""
        folder, base = posixpath.split(path)
        root = self.xml(f"{folder}/_rels/{base}.rels" if folder else f"_rels/{base}.rels")
        found: dict[str, tuple[str, str]] = {}
        for node in root if root is not None else ():
            target, identity = node.get("Target"), node.get("Id")
            if target and identity and node.get("TargetMode") != "External":
                kind = (node.get("Type") or "").rpartition("/")[2]
                found[identity] = (kind, resolve(folder, target))
        return found


def resolve(folder: str, target: str) -> str:
    """Return the path within a container that `target` names, seen from `folder`."""
    target = unquote(target.partition("#")[0]).replace("\\", "/")
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def _check(
    members: list[zipfile.ZipInfo], packed: int, name: str, max_unpacked: int, max_members: int, max_ratio: int
) -> None:
    if len(members) > max_members:
        raise ReadError(f"{name}: holds {len(members):,} files, over the limit of {max_members:,}. Divide it.")
    unpacked = sum(info.file_size for info in members)
    if unpacked > max_unpacked:
        size, limit = unpacked / 2**20, max_unpacked / 2**20
        raise ReadError(f"{name}: unpacks to {size:,.0f} MiB, over the limit of {limit:,.0f} MiB. Divide it.")
    if unpacked > max(_FREE, max_ratio * packed):
        raise ReadError(
            f"{name}: unpacks to {unpacked // packed} times its size, as a zip bomb does. It is not opened."
        )


def parse_xml(data: bytes, name: str) -> Element:
    """Return the root of an XML document; broken markup is mended, entities stay unexpanded.

    Raises:
        ReadError: when nothing of it can be parsed.
    """
    from lxml import etree  # type: ignore[import-untyped]

    # Without a declared entity nothing can grow, so the parser's bounds on depth and length may go.
    plain = b"<!ENTITY" not in data and b"<\0!\0E\0N\0T" not in data and b"\0<\0!\0E\0N\0T" not in data
    parser: Any = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=plain, remove_comments=True
    )
    try:
        root: Element | None = etree.fromstring(data, parser)
    except (etree.LxmlError, ValueError) as error:
        raise ReadError(f"{name} is damaged ({error}). Open the file, save it again and retry.") from error
    if root is None:
        raise ReadError(f"{name} is damaged (no XML in it). Open the file, save it again and retry.")
    return root


def local(node: Element) -> str:
    """Return the name of an element without its namespace: strict and transitional files name theirs otherwise."""
    tag = node.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(node: Element, name: str) -> str | None:
    """Return the value of an attribute, whatever its namespace."""
    value = node.get(name)
    if value is not None:
        return str(value)
    return next((str(value) for key, value in node.attrib.items() if str(key).rpartition("}")[2] == name), None)


def child(node: Element | None, *path: str) -> Element | None:
    """Return the first element at a path of names below `node`."""
    for name in path:
        node = next((found for found in node if local(found) == name), None) if node is not None else None
    return node
