"""Read e-books (EPUB): the chapters in the order of the book, its metadata, its notes."""

from __future__ import annotations

import re

from index.errors import ReadError
from index.metadata import iso_date
from index.readers.blocks import Blocks
from index.readers.package import Element, Package, attribute, local, resolve
from index.readers.xhtml import add_page
from index.types import Metadata, RawDocument

_PAGES = ("application/xhtml+xml", "text/html", "application/xml", "text/x-oeb1-document")
_CLOCK = re.compile(r"T.*$")


def read_epub(data: bytes, name: str) -> RawDocument:
    """Read the bytes of an e-book.

    Raises:
        ReadError: when it is damaged, or its chapters are encrypted.
    """
    package = Package(data, name)
    path = _package_path(package)
    root = package.xml(path) if path else None
    if root is None:
        raise ReadError(f"{name}: is damaged (its list of chapters is missing). Download it again.")
    folder = path.rpartition("/")[0]
    items = {node.get("id"): node for node in root.iter() if local(node) == "item"}
    spine = [items.get(node.get("idref")) for node in root.iter() if local(node) == "itemref"]
    chapters = [item for item in spine if item is not None and item.get("media-type") in _PAGES]
    paths = [(resolve(folder, item.get("href") or ""), item.get("properties") or "") for item in chapters]
    locked = _locked(package)
    if any(path in locked for path, _ in paths):
        raise ReadError(f"{name}: is protected (its chapters are encrypted). Get a copy without protection.")
    blocks = Blocks()
    for path, kind in paths:
        page = package.read(path)
        if page.strip():
            add_page(blocks, page, f"{name}: {path}", path, furniture="table of contents" if "nav" in kind else "")
    return blocks.document("epub", stated=_metadata(root))


def _package_path(package: Package) -> str:
    container = package.xml("META-INF/container.xml")
    for node in container.iter() if container is not None else ():
        if local(node) == "rootfile" and (node.get("full-path") or "") in package:
            return node.get("full-path") or ""
    return next((path for path in package.paths() if path.endswith(".opf")), "")


def _locked(package: Package) -> set[str]:
    root = package.xml("META-INF/encryption.xml")
    nodes = root.iter() if root is not None else ()
    return {resolve("", node.get("URI") or "") for node in nodes if local(node) == "CipherReference"}


def _metadata(root: Element) -> Metadata:
    found: dict[str, list[str]] = {}
    for node in root.iter():
        text = " ".join((node.text or "").split())
        if text and str(node.tag).startswith("{http://purl.org/dc/"):
            # Of several dates, that of this edition counts.
            first = local(node) == "date" and attribute(node, "event") == "publication"
            found.setdefault(local(node), []).insert(0 if first else len(found.get(local(node), ())), text)
    language = (_first(found, "language") or "").partition("-")[0].lower()
    return Metadata(
        title=_first(found, "title"),
        author=", ".join(found.get("creator", ())) or None,
        publisher=_first(found, "publisher"),
        date=iso_date(_CLOCK.sub("", _first(found, "date") or "")),
        language=language if len(language) == 2 and language != "un" else None,
    )


def _first(found: dict[str, list[str]], name: str) -> str | None:
    return next(iter(found.get(name, ())), None)
