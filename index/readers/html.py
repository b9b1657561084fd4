"""Read a web page: its visible text, what of it is the article, and who wrote it when.

The raw text is all that the page shows, a block per paragraph. What trafilatura does not take for the main
text is reported as `removed`, kind "furniture": the cleaner drops it, a reader can still look it up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from index.errors import ReadError
from index.metadata import describe, iso_date, person
from index.readers.blocks import Blocks
from index.readers.encoding import decode
from index.types import Heading, Metadata, RawDocument, Removed

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]

_DROPPED = frozenset("script style noscript template svg math head iframe object canvas audio video datalist".split())
_BLOCK = frozenset(
    "address article aside blockquote body br button caption center dd details dialog div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr label legend li main nav ol option p pre "
    "section select summary table tbody td tfoot th thead tr ul".split()
)
_LEVELS = {f"h{level}": level for level in range(1, 7)}
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]+)""", re.IGNORECASE)
_ASIDE = frozenset("nav aside footer form figure button".split())
_MAX_CELL = 200
_LINKED = 0.1
_SHORT = 25
_SPACE = re.compile(r"\s+")


def read_html(data: bytes, name: str) -> RawDocument:
    """Read the bytes of a web page.

    Raises:
        ReadError: when it cannot be parsed or shows no text.
    """
    declared = _CHARSET.search(data[:4096])
    source = decode(data, name, declared[1].decode("ascii") if declared else None)
    page = _visible(_parse(source, name))
    blocks = page.blocks
    if not blocks.spans:
        raise ReadError(f"{name}: holds no text (a page that a script fills?). Save it from a browser, as shown.")
    main, stated = _main_text(source)
    # A page with hardly a link is a document saved as HTML: all of it is the text.
    plain = page.linked < _LINKED * len(blocks.text)
    kept = [not aside for aside in page.aside] if plain else _locate(main, blocks)
    if not any(kept):
        kept = [True] * len(blocks.spans)  # no article found: the whole page is the text
    _keep_within(kept, page)
    _keep_title(kept, blocks, stated.title)
    text = blocks.text
    removed = tuple(
        Removed(start, end, "furniture", "outside the main text of the page")
        for (start, end), keep in zip(blocks.spans, kept, strict=True)
        if not keep
    )
    shown = {span for span, keep in zip(blocks.spans, kept, strict=True) if keep}
    headings = tuple(heading for heading in blocks.headings if (heading.start, heading.end) in shown)
    body = "\n".join(text[start:end] for start, end in blocks.spans if (start, end) in shown)
    return RawDocument(text, "html", "blocks", (), describe(body, stated=stated), headings, removed)


def _parse(source: str, name: str) -> HtmlElement:
    from lxml import html  # type: ignore[import-untyped]
    from lxml.etree import LxmlError  # type: ignore[import-untyped]

    try:
        return html.document_fromstring(source.encode(), parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
    except (LxmlError, ValueError) as error:
        raise ReadError(f"{name}: holds no readable web page ({error}).") from error


def _visible(root: HtmlElement) -> _Page:
    """Return what the page shows, in order."""
    page = _Page()
    stack: list[tuple[HtmlElement, Iterator[Any]]] = []  # no recursion: pages may nest very deep
    if page.open(root):
        stack.append((root, iter(root)))
    while stack:
        parent, children = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            page.close(parent)
            if stack:
                page.write(parent.tail)
        elif page.open(child):
            stack.append((child, iter(child)))
        else:
            page.write(child.tail)
    page.flush()
    return page


class _Page:
    """The blocks of a page so far, and the text of the block that is open."""

    def __init__(self) -> None:
        self.blocks = Blocks()
        self.own: list[bool] = []
        """For each block, whether it is a heading or a row of data and not in a side bar."""
        self.aside: list[bool] = []
        """For each block, whether it stands in a side bar, a menu, a form or a foot."""
        self.linked = 0
        """How many characters of the page are links."""
        self._text: list[str] = []
        self._links = 0
        self._linked = 0
        self._aside = 0
        self._styles = [("", 0)]  # prefix and heading level of each element that is open

    def write(self, text: str | None) -> None:
        """Add text to the block that is open."""
        self._text.append(text or "")
        if self._links:
            self._linked += len(text or "")

    def open(self, node: HtmlElement) -> bool:
        """Begin an element; tell whether its content is to be walked through."""
        tag = node.tag
        if not isinstance(tag, str) or tag in _DROPPED or _hidden(node):
            return False
        if tag == "table" and (rows := _table(node)) is not None:
            self.flush()
            self.blocks.add_table(rows)
            self._note(not self._aside)
            return False
        if tag in _BLOCK:
            self.flush()
            level = _LEVELS.get(tag, self._styles[-1][1])
            self._styles.append(("- ", 0) if tag == "li" else ("", level))
        self._links += tag == "a"
        self._aside += tag in _ASIDE
        self.write(node.text)
        return True

    def close(self, node: HtmlElement) -> None:
        """End an element that was opened."""
        if node.tag in _BLOCK:
            self.flush()
            self._styles.pop()
        self._links -= node.tag == "a"
        self._aside -= node.tag in _ASIDE

    def flush(self) -> None:
        """End the block that is open."""
        text = "".join(self._text).strip()
        self._text.clear()
        if text:
            prefix, level = self._styles[-1]
            self.blocks.add(prefix + text, level=level, row=bool(prefix))
            self._styles[-1] = ("", level)  # the paragraphs of a list item have one bullet between them
            self._note(not self._aside and level > 1)
            self.linked += min(self._linked, len(text))
        self._linked = 0

    def _note(self, own: bool) -> None:
        new = len(self.blocks.spans) - len(self.own)
        self.own += [own] * new
        self.aside += [self._aside > 0] * new


def _hidden(node: HtmlElement) -> bool:
    return node.get("hidden") is not None or "display:none" in (node.get("style") or "").replace(" ", "").lower()


def _table(table: HtmlElement) -> list[list[str]] | None:
    """Return the cells of a table of data, or None when the table only lays out the page."""
    if table.find(".//table") is not None:
        return None
    rows = [[_text_of(cell) for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
    rows = [row for row in rows if any(row)]
    if len(rows) < 2 or max(map(len, rows)) < 2 or any(len(cell) > _MAX_CELL for row in rows for cell in row):
        return None
    return rows


def _text_of(cell: HtmlElement) -> str:
    parts = (part for node in cell.iter() if node.tag not in _DROPPED for part in (node.text, node.tail) if part)
    tail = cell.tail or ""
    text = " ".join(" ".join(parts).split())
    return text.removesuffix(tail.strip()).strip() if tail.strip() else text


def _main_text(source: str) -> tuple[str, Metadata]:
    """Return what trafilatura takes for the article, and what the page states about it."""
    import trafilatura

    try:
        # `extensive` off: a date may come from meta tags, JSON-LD or a <time>, never from any number on the
        # page.
        known = trafilatura.extract_metadata(source, extensive=False)
        found = trafilatura.bare_extraction(source, include_comments=False, include_tables=True)
    except Exception:  # noqa: BLE001 - a heuristic over hostile input; without it the whole page is the text
        return "", Metadata()
    text = (getattr(found, "text", None) or "") if found else ""
    date = iso_date(known.date or "") if known else None
    return text, Metadata(
        title=(known.title or None) if known else None,
        author=person((known.author or "").replace("; ", ", ")) if known else None,
        publisher=(known.sitename or None) if known else None,
        date=date,
        language=_language(source),
    )


def _language(source: str) -> str | None:
    match = re.search(r"""<html[^>]*\blang\s*=\s*["']?([A-Za-z]{2})\b""", source[:5000], re.IGNORECASE)
    return match[1].lower() if match else None


def _locate(main: str, blocks: Blocks) -> list[bool]:
    """Tell for each block of the page whether it stands in the main text.

    Both are compared without white space. The lines of the main text are searched forward in the page, so
    that a phrase of the menu that recurs in the article is found in the article.
    """
    folded = [_fold(source) for source in blocks.sources]
    starts, length = [], 0
    for block in folded:
        starts.append(length)
        length += len(block)
    page = "".join(folded)
    covered = [0] * len(folded)
    at, lost = 0, []
    for line in filter(None, (_fold(line) for line in main.splitlines())):
        found = page.find(line, at)
        if found < 0 and len(line) > _SHORT:
            found = page.find(line)
        if found < 0:
            lost.append(line)
            continue
        if found >= at:
            at = found + len(line)
        _cover(covered, starts, folded, found, found + len(line))
    rest = "\n".join(lost)
    return [
        2 * covered[i] >= len(block) > 0 or (len(block) > _SHORT and block in rest) or _shares(block, lost)
        for i, block in enumerate(folded)
    ]


def _shares(block: str, lost: list[str]) -> bool:
    """Tell whether a line that could not be found as a whole begins or ends as this block does."""
    return len(block) > 2 * _SHORT and any(block[: 2 * _SHORT] in line or block[-2 * _SHORT :] in line for line in lost)


def _cover(covered: list[int], starts: list[int], folded: list[str], begin: int, end: int) -> None:
    from bisect import bisect_right

    for i in range(bisect_right(starts, begin) - 1, len(starts)):
        if starts[i] >= end:
            break
        covered[i] += max(min(end, starts[i] + len(folded[i])) - max(begin, starts[i]), 0)


def _fold(text: str) -> str:
    return _SPACE.sub("", text).removeprefix("-").replace("|", "").casefold()


def _keep_within(kept: list[bool], page: _Page) -> None:
    """Keep the headings and tables between the first and the last block of the article.

    trafilatura at times leaves them out. A heading is kept over kept text only.
    """
    last = len(kept) - 1 - kept[::-1].index(True)
    levels = {(heading.start, heading.end) for heading in page.blocks.headings}
    below = True
    for number in range(last, kept.index(True), -1):
        heading = page.blocks.spans[number] in levels
        kept[number] = kept[number] or (page.own[number] and (below or not heading))
        below = kept[number]


def _keep_title(kept: list[bool], blocks: Blocks, title: str | None) -> None:
    """Keep the headline, which trafilatura takes for metadata, when it stands before the article."""
    first = kept.index(True)
    heading_spans = {(heading.start, heading.end): heading for heading in blocks.headings}
    for number in range(first - 1, -1, -1):
        heading: Heading | None = heading_spans.get(blocks.spans[number])
        if heading and heading.level == 1:
            words = _fold(blocks.text[heading.start : heading.end])
            kept[number] = not title or words in _fold(title) or _fold(title) in words
            return
