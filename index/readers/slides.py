"""Read PowerPoint files: a page for each slide, its title a heading, its bullets lines, then the speaker's notes."""

from __future__ import annotations

from collections.abc import Iterator

from index.errors import ReadError
from index.readers.blocks import Blocks
from index.readers.drawing import drawn, formula
from index.readers.embedded import embedded
from index.readers.package import Element, Package, attribute, child, local
from index.readers.word import core_properties
from index.types import Attached, RawDocument

NOTES = "Notes: "
_TITLES = frozenset(("title", "ctrTitle"))
_FURNITURE = {"ftr": "slide footer", "hdr": "slide header", "dt": "slide date", "sldNum": "slide number"}
_Relations = dict[str, tuple[str, str]]


def read_pptx(data: bytes, name: str) -> RawDocument:
    """Read the bytes of a PowerPoint file.

    Raises:
        ReadError: when it is protected or damaged.
    """
    package = Package(data, name)
    main = next((path for kind, path in package.relations("").values() if kind == "officeDocument"), "")
    main = main if main in package else "ppt/presentation.xml"
    root = package.xml(main)
    if root is None:
        raise ReadError(f"{name}: is damaged (its part {main} is missing). Save it again and retry.")
    relations = package.relations(main)
    slides = child(root, "sldIdLst")
    blocks = Blocks()
    attached: list[Attached] = []
    masters: dict[str, None] = {}
    for slide in slides if slides is not None else ():
        path = relations.get(slide.get(_RELATION) or attribute(slide, "embed") or "", ("", ""))[1]
        blocks.start_page()
        if path in package:
            _add_slide(blocks, package, path)
            attached += embedded(package, package.relations(path))
            masters |= dict.fromkeys(_masters(package, path))
    for path in masters:
        _add_master(blocks, package, path)
    return blocks.document("pptx", core_properties(package.xml("docProps/core.xml")), attached=attached)


_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def _add_slide(blocks: Blocks, package: Package, path: str) -> None:
    root = package.xml(path)
    relations = package.relations(path)
    shapes = [*_shapes(root)] if root is not None else []
    shapes.sort(key=lambda shape: _placeholder(shape) not in _TITLES)  # the title first, the others as they lie
    for shape in shapes:
        _add_shape(blocks, shape, package, relations)
    for kind, part in relations.values():
        if kind == "notesSlide" and (notes := package.xml(part)) is not None:
            _add_notes(blocks, notes)
        elif kind == "comments" and (comments := package.xml(part)) is not None:
            for node in (found for found in comments.iter() if local(found) in ("text", "txBody")):
                text = "".join(t.text or "" for t in node.iter() if local(t) in ("text", "t"))
                blocks.add(f"Comment: {text}" if text.strip() else "")


def _masters(package: Package, path: str) -> Iterator[str]:
    """Yield the layout and the master under a slide."""
    for kind, part in package.relations(path).values():
        if kind == "slideLayout":
            yield part
            yield from (master for kind, master in package.relations(part).values() if kind == "slideMaster")


def _add_master(blocks: Blocks, package: Package, path: str) -> None:
    """Append the words that a master puts on every slide; those in its placeholders are only prompts."""
    root = package.xml(path)
    for shape in _shapes(root) if root is not None else ():
        if _placeholder(shape) is None:
            for text, _ in _paragraphs(shape):
                blocks.add(text, furniture="slide master")


def _shapes(parent: Element) -> Iterator[Element]:
    """Yield the shapes of a slide, those of groups among them."""
    for node in parent:
        tag = local(node)
        if tag in ("sp", "graphicFrame", "cxnSp"):
            yield node
        elif tag == "AlternateContent":
            choices = [found for found in node if local(found) in ("Choice", "Fallback")]
            yield from _shapes(choices[0]) if choices else ()
        elif tag in ("cSld", "spTree", "grpSp"):
            yield from _shapes(node)


def _placeholder(shape: Element) -> str | None:
    """Return the kind of placeholder that a shape fills, None when it fills none."""
    for node in shape:
        found = child(node, "nvPr", "ph")
        if found is not None:
            return found.get("type") or "obj"
    return None


def _add_shape(blocks: Blocks, shape: Element, package: Package, relations: _Relations) -> None:
    if local(shape) == "graphicFrame":
        _add_frame(blocks, shape, package, relations)
        return
    kind = _placeholder(shape)
    paragraphs = [*_paragraphs(shape)]
    if kind in _TITLES:
        blocks.add(" ".join(text for text, _ in paragraphs), level=1)
        return
    listed = kind in ("body", "obj") and sum(bool(text.strip()) for text, _ in paragraphs) > 1
    for text, bullet in paragraphs:
        if text.strip() and (bullet or (listed and bullet is None)):
            blocks.add(f"- {text}", row=True)
        else:
            blocks.add(text, furniture=_FURNITURE.get(kind or "", ""))


def _add_frame(blocks: Blocks, shape: Element, package: Package, relations: _Relations) -> None:
    for table in (node for node in shape.iter() if local(node) == "tbl"):
        rows: list[list[str]] = []
        for row in (node for node in table if local(node) == "tr"):
            cells: list[str] = []
            for cell in (node for node in row if local(node) == "tc"):
                text = " ".join(text for text, _ in _paragraphs(cell))
                if cell.get("vMerge") and rows and len(cells) < len(rows[-1]):
                    text = text or rows[-1][len(cells)]
                cells.append(text)
            rows.append(cells)
        blocks.add_table(rows)
    for found in drawn(shape, package, relations):
        found.add_to(blocks)


def _add_notes(blocks: Blocks, root: Element) -> None:
    lead = NOTES
    for shape in _shapes(root):
        kind = _placeholder(shape) or "body"
        for text, _ in _paragraphs(shape):
            if kind == "body" and text.strip():
                blocks.add(lead + text)
                lead = ""
            elif kind in _FURNITURE:
                blocks.add(text, furniture=f"{_FURNITURE[kind]} of the notes")


def _paragraphs(shape: Element) -> Iterator[tuple[str, bool | None]]:
    """Yield each paragraph and whether it has a bullet of its own, None where the layout says."""
    for node in (found for found in shape.iter() if local(found) == "p"):
        properties = child(node, "pPr")
        signs = {local(found) for found in properties} if properties is not None else set()
        bullet = False if "buNone" in signs else True if signs & {"buChar", "buAutoNum", "buBlip"} else None
        yield "".join(_pieces(node)), bullet


def _pieces(node: Element) -> Iterator[str]:
    for part in node:
        tag = local(part)
        if tag in ("r", "fld"):
            yield from (text.text or "" for text in part if local(text) == "t")
        elif tag == "br":
            yield "\n"
        elif tag in ("oMath", "oMathPara"):
            yield formula(part)
        elif tag in ("m", "AlternateContent", "Choice"):
            yield from _pieces(part)
