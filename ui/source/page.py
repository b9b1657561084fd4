"""A page of a PDF as it is printed, with the quote boxed: as HTML, and the pictures that it shows.

A picture is asked for by collection, document and page, never by a path. The browser keeps none: what is removed from
a library must not live on in there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from index.boxes import Box, render_page, sentence_boxes
from index.errors import LibraryError, NotFoundError
from index.library import Library
from index.originals import original
from index.types import Document
from rag.errors import RagError
from ui.desk import Desk
from ui.markup import note, text
from ui.source.reading import Reading

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

ROUTE = "/pages/"
WIDTH = 1400
"""Pixels of a picture: sharp on a panel of 700 on a screen that shows two for one."""
ALT = 300
"""Characters of the quote told to who does not see it."""


def has_pages(document: Document) -> bool:
    """Say whether a document has pages that can be shown."""
    return document.kind == "pdf" and bool(document.pages)


def page_view(reading: Reading, library: Library) -> str:
    """Return the picture of a page, the quote in boxes.

    Raises:
        NotFoundError: when the file is not there as it was read.
        ReadError: when it cannot be drawn.
    """
    document, words = reading.document, reading.words
    data = original(library, document.id)
    last = len(document.pages)
    page = min(reading.page or reading.quote_page, last)
    boxes, why = _boxes(reading, data)
    begins = min((box.page for box in boxes), default=page)
    title = words("source.page_of", page=page, pages=last)
    steps = (
        _step(reading, words("source.page_before"), "page-before", page - 1, last),
        f'<span aria-live="polite">{text(title)}</span>',
        _step(reading, words("source.page_after"), "page-after", page + 1, last),
    )
    off = "" if page == reading.quote_page or not reading.place else _to_quote(reading, begins)
    problem = f'<p class="hint">{text(why)}</p>' if why else ""
    return (
        f'<p class="turning">{"".join(steps)}{off}</p>{problem}'
        f'<div class="text sheet" tabindex="0" role="region" aria-label="{text(title)}"><div class="page">'
        f'<img src="{text(_address(reading, page))}" alt="{text(_alt(reading, page, boxes))}">'
        f"{''.join(_box(box) for box in boxes if box.page == page)}</div></div>"
    )


def _boxes(reading: Reading, data: bytes) -> tuple[list[Box], str]:
    """Return the boxes of the quote, or why there are none."""
    if reading.place is None:
        return [], ""
    try:
        boxes = sentence_boxes(data, reading.quote_page, reading.place.quote)
    except NotFoundError:
        return [], reading.words("source.no_box")
    return boxes, "" if boxes else reading.words("source.picture_page")


def _step(reading: Reading, shown: str, go: str, page: int, last: int) -> str:
    if not 0 < page <= last:
        return f'<span class="off" aria-hidden="true">{text(shown)}</span>'
    return reading.link(shown, go, view="page", page=page)


def _to_quote(reading: Reading, page: int) -> str:
    return reading.link(reading.words("source.to_quote", page=page), "page-quote", view="page", page=page)


def _box(box: Box) -> str:
    sides = {"left": box.left, "top": box.top, "width": box.right - box.left, "height": box.bottom - box.top}
    style = ";".join(f"{name}:{100 * share:.3f}%" for name, share in sides.items())
    return f'<span class="box" style="{style}"></span>'


def _address(reading: Reading, page: int) -> str:
    return f"{ROUTE}{quote(reading.collection, safe='')}/{quote(reading.document.id, safe='')}/{page}.png"


def _alt(reading: Reading, page: int, boxes: list[Box]) -> str:
    words, title = reading.words, reading.document.title
    if reading.place and any(box.page == page for box in boxes):
        return words("source.page_alt_quote", page=page, title=title, quote=reading.place.quote[:ALT])
    return words("source.page_alt", page=page, title=title)


def page_pictures(desk: Desk) -> list[BaseRoute]:
    """Return the route of the pictures of pages."""
    from starlette.responses import PlainTextResponse, Response
    from starlette.routing import Route

    def picture(request: Request) -> Response:
        asked = request.path_params
        try:
            library = desk.library(asked["collection"])
            if not has_pages(library.document(asked["document"])):
                return PlainTextResponse("This document has no pages.", 404)
            data = render_page(original(library, asked["document"]), asked["page"], WIDTH)
        except (LibraryError, RagError) as error:
            return PlainTextResponse(str(error), 404)
        return Response(data, media_type="image/png", headers={"cache-control": "no-store"})

    return [Route(f"{ROUTE}{{collection}}/{{document}}/{{page:int}}.png", picture)]


def lost_page(error: LibraryError) -> str:
    """Say why a page cannot be shown."""
    return note(str(error))
