"""The files of conversations: routes by which the page gives a conversation, or one answer, as a file or to copy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from rag.conversations import ConversationError
from rag.export import Labels, Sheet, as_text, sheet_of
from rag.export_html import fragment, to_html
from rag.export_markdown import to_markdown
from rag.export_word import to_word
from rag.types import Verdict
from ui.ask.acts_view import ROUTE
from ui.server.users import user_of
from ui.words import ENGLISH, Words, languages

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from ui.desk import Desk

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def conversation_files(desk: Desk) -> Sequence[BaseRoute]:
    """Return the routes of the conversations: as files, and what is copied of one answer."""
    from starlette.responses import JSONResponse, PlainTextResponse, Response
    from starlette.routing import Route

    def sheet(request: Request) -> Sheet:
        talk = desk.talks.store.talk(user_of(request), request.path_params["id"])
        number = request.path_params.get("number")
        asked = talk.exchanges[:] if number is None else talk.exchanges[number - 1 : number] if number else ()
        if not asked:
            raise ConversationError("This conversation has no such question.")
        title = talk.title if number is None else asked[0].question
        return sheet_of(title, asked, labels(request.query_params.get("language", "")))

    def file(request: Request) -> Response:
        try:
            made = sheet(request)
        except ConversationError as error:
            return PlainTextResponse(str(error), 404)
        suffix = request.path_params["suffix"]
        if suffix == "md":
            data, kind = to_markdown(made).encode(), "text/markdown; charset=utf-8"
        elif suffix == "html":
            data, kind = to_html(made).encode(), "text/html; charset=utf-8"
        elif suffix == "docx":
            data, kind = to_word(made), WORD
        else:
            return PlainTextResponse("A conversation is given as .md, .html or .docx.", 404)
        return Response(data, media_type=kind, headers={"content-disposition": attachment(made.title, suffix)})

    def copy(request: Request) -> Response:
        try:
            made = sheet(request)
        except ConversationError as error:
            return PlainTextResponse(str(error), 404)
        return JSONResponse({"text": as_text(made), "html": fragment(made)})

    return [
        Route(f"{ROUTE}{{id}}.{{suffix}}", file),
        Route(f"{ROUTE}{{id}}/{{number:int}}.{{suffix}}", file),
        Route(f"{ROUTE}{{id}}/{{number:int}}/copy", copy),
    ]


def attachment(title: str, suffix: str) -> str:
    """Return the header by which a browser keeps a file under a title, in whatever script it is."""
    name = re.sub(r"[^\w.,() -]+", " ", title)
    name = " ".join(name.split())[:80].strip(" .") or "conversation"
    plain = re.sub(r"[^ -~]", "_", name)
    return f"attachment; filename=\"{plain}.{suffix}\"; filename*=UTF-8''{quote(name)}.{suffix}"


def labels(language: str) -> Labels:
    """Return the words of an export in a language of the interface; in English if it is none."""
    words = Words(language) if language in languages() else ENGLISH
    return Labels(
        words.language,
        words("ask.export_model", model="{model}"),
        words("ask.export_none"),
        words("ask.nearest"),
        words("ask.export_again", n="{n}"),
        words("ask.page", n="{n}"),
        {
            Verdict.PARTIAL: words("ask.partial"),
            Verdict.UNSUPPORTED: words("ask.unsupported"),
            Verdict.CONTRADICTED: words("ask.contradicted"),
        },
    )
