"""Read PDF files: their pages in reading order, their headings, and by text recognition those that are pictures.

Owns what is done with each page. The raw text holds all that stands on it: a page that is a picture, and that
nothing can read here, has a line that says so, marked as removed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from index.errors import ReadError
from index.metadata import Properties, describe
from index.readers import scan
from index.readers.pdf_headings import Set, headings_of
from index.readers.pdf_layout import lines_of
from index.readers.pdf_pieces import Line
from index.readers.pdfium import Page, Words, opened, page_of
from index.types import RawDocument, Removed

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

MAX_PAGES = 20_000

_PAGE_BREAK = "\n\f\n"
_WINDOW = 6
_WIDER = 1.3
_APART = 1.25
_FEW = 120
_COVERS = 0.5
_STRANGE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd]")
_STRANGE_SHARE = 0.3
_UNMAPPED = 0.5
_LATIN_WORD = re.compile(r"[A-Za-z]{3,}")
_VOWEL = re.compile(r"[aeiouyAEIOUY]")
_FEWEST_WORDS = 10
_WORDS_SHARE = 0.5
_MARGIN = 0.12
_DATE = re.compile(r"(?:D:)?(\d{4})(\d\d)?(\d\d)?")


@dataclass
class _Draft:
    """The text so far, and what is known of it."""

    parts: list[str] = field(default_factory=list)
    length: int = 0
    starts: list[int] = field(default_factory=list)
    lines: list[Set] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)

    def append(self, text: str) -> None:
        """Append to the text."""
        self.parts.append(text)
        self.length += len(text)


def read_pdf(data: bytes, name: str) -> RawDocument:
    """Read the bytes of a PDF, page by page.

    Raises:
        ReadError: when it is protected, damaged, has too many pages, or is a scan and Tesseract is not installed.
    """
    draft = _Draft()
    with opened(data, name) as document:
        if len(document) > MAX_PAGES:
            raise ReadError(f"{name}: {len(document)} pages are over the limit of {MAX_PAGES}. Split the file.")
        for number in range(len(document)):
            if number:
                draft.append(_PAGE_BREAK)
            draft.starts.append(draft.length)
            with page_of(document, number) as page:
                _read_page(draft, page, number, name)
        known = _properties(document)
    _check(draft, name)
    text = "".join(draft.parts)
    return RawDocument(
        text,
        "pdf",
        "lines",
        tuple(draft.starts),
        describe(text, known),
        headings=headings_of(draft.lines),
        removed=tuple(draft.removed),
    )


def _read_page(draft: _Draft, page: Page | None, number: int, name: str) -> None:
    if page is None:
        draft.unreadable.append(number)
        _leave_out(draft, f"page {number + 1} is damaged")
        return
    words = page.words()
    lines = lines_of(words, page.width, page.height)
    if _is_picture(page, words.text):
        draft.pictures.append(number)
        if scan.is_available():
            draft.append(scan.recognise(page.picture(scan.DPI), f"{name}, page {number + 1}"))
            return
        if not lines or _is_garbage(page, words.text):
            _leave_out(draft, f"page {number + 1} is a picture without text")
    _write(draft, lines, page, words, number)


def _leave_out(draft: _Draft, reason: str) -> None:
    start = draft.length
    draft.append(f"[{reason}]")
    draft.removed.append(Removed(start, draft.length, "scan", reason))


def _write(draft: _Draft, lines: Sequence[Line], page: Page, words: Words, number: int) -> None:
    for i, (line, gap) in enumerate(zip(lines, _gaps(lines), strict=True)):
        if i:
            draft.append("\n\n" if gap else "\n")
        start = draft.length
        draft.append(line.text)
        first, last = words.spans[line.first, 0], words.spans[line.last, 1] - 1
        font = page.font(int(words.places[first]))
        bold = font.bold and page.font(int(words.places[last])).bold
        draft.lines.append(Set(line, start, draft.length, number, font, bold))
        if line.turned and (line.right < _MARGIN * page.width or line.left > (1 - _MARGIN) * page.width):
            draft.removed.append(Removed(start, draft.length, "margin", "set upright at the edge of the page"))


def _gaps(lines: Sequence[Line]) -> list[bool]:
    """Tell for each line whether it stands off from the one above by more than the lines around it do."""
    steps = [
        line.top - before.top if line.left < before.right and before.left < line.right else 0.0
        for before, line in pairwise(lines)
    ]
    gaps = [False]
    for i, step in enumerate(steps):
        near = sorted(other for other in steps[max(i - _WINDOW, 0) : i + _WINDOW + 1] if other > 0)
        tall = max(lines[i].height, lines[i + 1].height)
        gaps.append(step > _APART * tall and step > _WIDER * near[len(near) // 2])
    return gaps[: len(lines)]


def _is_picture(page: Page, text: str) -> bool:
    """Tell whether a page must be recognised: a picture with no text, or little, or text without a meaning."""
    solid = len(text) - text.count(" ") - text.count("\n") - text.count("\r")
    if solid and _is_garbage(page, text):
        return True
    return solid <= _FEW and page.image_share() > (_COVERS if solid else 0.0)


def _is_garbage(page: Page, text: str) -> bool:
    """Tell whether the codes of the text are those of glyphs, which say nothing of its letters."""
    if len(_STRANGE.findall(text)) > _STRANGE_SHARE * len(text):
        return True
    words = _LATIN_WORD.findall(text)
    spoken = sum(_VOWEL.search(word) is not None for word in words)
    return len(words) >= _FEWEST_WORDS and spoken < _WORDS_SHARE * len(words) and page.unmapped() > _UNMAPPED


def _check(draft: _Draft, name: str) -> None:
    """Refuse a document of which nothing can be read."""
    count = len(draft.starts)
    if draft.lines or count == 0 or (draft.pictures and scan.is_available()):
        return
    if draft.pictures:
        raise ReadError(f"{name}: is a scan: pages that are pictures, without text ({count} in all). {scan.INSTALL}.")
    if draft.unreadable:
        raise ReadError(f"{name}: is damaged: none of its pages ({count}) can be loaded. Save it again and retry.")
    raise ReadError(f"{name}: has no text on any page ({count} in all): there is nothing to read.")


def _properties(document: PdfDocument) -> Properties:
    """Return what the file says of itself."""
    known = document.get_metadata_dict(skip_empty=True)
    found = _DATE.match(known.get("CreationDate", ""))
    created = "-".join(part for part in found.groups() if part) if found else None
    return Properties(known.get("Title"), known.get("Author"), created)
