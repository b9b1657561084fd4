"""What the server gives beside the page and the API: the files that the page links to.

Each function of `ROUTES` returns the routes of one part of the page; a part that needs one adds its function here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rag.errors import RagError
from ui.ask.exports import conversation_files
from ui.desk import Desk
from ui.source.page import page_pictures

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute


def set_files(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the question sets: a set as its file, and the report of a run."""
    from starlette.responses import HTMLResponse, PlainTextResponse, Response
    from starlette.routing import Route

    from eval.report_html import to_html
    from eval.runs import load_run
    from ui.sets import run as set_run
    from ui.sets import shelf as sets
    from ui.sets import view as sets_view

    def questions(request: Request) -> Response:
        try:
            folder = sets.folder(desk.settings, request.path_params["collection"])
            data = sets.path_of(folder, request.path_params["name"]).read_bytes()
        except (RagError, OSError):
            return PlainTextResponse("There is no set of this name.", 404)
        return Response(data, media_type="application/jsonl", headers={"content-disposition": "attachment"})

    def report(request: Request) -> Response:
        try:
            file = sets.path_of(set_run.folder(desk.settings), request.path_params["name"])
            return HTMLResponse(to_html(load_run(file)))
        except RagError as error:
            return PlainTextResponse(str(error), 404)

    return [Route(f"{sets_view.ROUTE}{{collection}}/{{name}}", questions), Route(f"{set_run.ROUTE}{{name}}", report)]


def comparisons(desk: Desk) -> list[BaseRoute]:
    """Return the route of runs that are compared; the older is what the newer is held against."""
    from starlette.responses import HTMLResponse, PlainTextResponse
    from starlette.routing import Route

    from eval.compare import compare
    from eval.report_html import comparison_to_html
    from eval.runs import load_run
    from ui.sets import run as set_run
    from ui.sets import shelf as sets

    def comparison(request: Request) -> Response:
        try:
            folder = set_run.folder(desk.settings)
            files = [sets.path_of(folder, name) for name in dict.fromkeys(request.query_params.getlist("run"))]
            found = sorted(((load_run(file), file.stem) for file in files), key=lambda pair: (pair[0].started, pair[1]))
            return HTMLResponse(comparison_to_html(compare([run for run, _ in found], [name for _, name in found])))
        except RagError as error:
            return PlainTextResponse(str(error), 404)

    return [Route(set_run.COMPARISONS, comparison)]


Routes = Callable[[Desk], Sequence["BaseRoute"]]

ROUTES: tuple[Routes, ...] = (set_files, comparisons, page_pictures, conversation_files)
"""The parts that have routes. They come before the pages, of which one takes every path that is left."""
