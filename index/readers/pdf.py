"""Read PDF files.

Owns: what pdfium's text needs to be text again, and where pages start. A scan is refused with a remedy.
"""

from __future__ import annotations

import re
from itertools import accumulate

from index.errors import ReadError
from index.metadata import describe
from index.readers.native import PDF, extract, newlines, properties
from index.types import RawDocument

_HARD_SPACE = re.compile("[ \xa0]*\xa0[ \xa0]*")
# pdfium gives a hyphen at a line's end as U+0002 or U+FFFE and drops the line end: we put both back.
_LINE_END_HYPHEN = re.compile("[\x02\ufffe]\n?")
_PAGE_BREAK = "\n\f\n"


def read_pdf(data: bytes, name: str) -> RawDocument:
    """Read the bytes of a PDF, page by page.

    Raises:
        ReadError: when it is protected, damaged, or has no text layer.
    """
    result = extract(data, PDF, name)
    pages = [_page(str(page["content"])) for page in result.pages or []]
    if not any(page.strip() for page in pages):
        raise ReadError(f"{name}: no text layer (a scan?). Run OCR (for instance ocrmypdf) and add the result.")
    text = _PAGE_BREAK.join(pages)
    starts = tuple(accumulate((len(page) + len(_PAGE_BREAK) for page in pages[:-1]), initial=0))
    return RawDocument(text, "pdf", "lines", starts, describe(text, properties(result.metadata)))


def _page(content: str) -> str:
    # Justified lines come with a hard space, or several, between every two words.
    return _HARD_SPACE.sub(" ", _LINE_END_HYPHEN.sub("-\n", newlines(content)))
