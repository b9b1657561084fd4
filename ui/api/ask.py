"""Questions: the answer as one JSON body, or sentence by sentence as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from rag.assistant import Assistant
from rag.types import Answer, Event, Stage
from ui.api import asking, sse
from ui.api.bodies import AnswerBody, AskBody
from ui.api.errors import problem
from ui.api.serving import ERRORS, AtDesk, assistant

router = APIRouter(tags=["ask"], responses=ERRORS)

EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "model": AnswerBody,
        "description": "The answer; or with stream, or Accept: text/event-stream, events: stage {name}, "
        "sentence {text, verdict, score, citations, each in full}, and last answer (this body) or error.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.post("/ask", responses=EVENTS)
async def ask(body: AskBody, request: Request, desk: AtDesk) -> Response:
    """Answer a question from the documents of a collection, every sentence cited and checked.

    When the client goes away, the model stops.
    """
    who = await run_in_threadpool(assistant, desk, body.collection, body.model)
    streamed = body.stream or "text/event-stream" in request.headers.get("accept", "")
    if streamed:
        body.filters.filters()  # what is wrong with them is told as a status, while there is one to give
        return sse.response(_events(who, body, request))
    history, filters = [turn.turn() for turn in body.history], body.filters.filters()
    found = await asking.answer(who, body.question, history, filters, request.is_disconnected)
    return JSONResponse(found.to_dict()) if found else Response(status_code=499)


async def _events(who: Assistant, body: AskBody, request: Request) -> AsyncIterator[str]:
    history, filters = [turn.turn() for turn in body.history], body.filters.filters()
    stream = asking.events(who, body.question, history, filters, request.is_disconnected)
    try:
        async with aclosing(stream) as events:
            async for event in events:
                yield _line(event) if event else ""
    except Exception as error:  # noqa: BLE001  # the status is sent: told as the last event, and logged if it is ours
        yield sse.event(problem(error).body, "error")


def _line(event: Event) -> str:
    if isinstance(event, Stage):
        return sse.event(asdict(event), "stage")
    if isinstance(event, Answer):
        return sse.event(event.to_dict(), "answer")
    sentence: dict[str, Any] = asdict(event.sentence)
    return sse.event(sentence | {"citations": [asdict(citation) for citation in event.citations]}, "sentence")
