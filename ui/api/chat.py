"""The chat of OpenAI's API, so that clients which exist can be used: `/v1/models` and `/v1/chat/completions`.

The last message of the user is the question, those before it are its conversation. What a message orders to be said or
to be done otherwise is not followed: only documents are quoted here. Citations stand in the annotations of a message.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from rag.assistant import Assistant
from rag.models import EXTRACTIVE, describe, model_options
from rag.types import Answer, Checked, Citation, Turn
from ui.api import asking, sse
from ui.api.bodies import LONGEST_TURN, MOST_TURNS
from ui.api.errors import Problem, not_found, problem
from ui.api.serving import ERRORS, AtDesk, assistant
from ui.desk import Desk

router = APIRouter(tags=["openai"], responses=ERRORS)

OURS = "rag"
"""The model that is the collection and the composer of the settings; `rag:NAME` is another collection."""


class Part(BaseModel):
    """A part of a message; only texts are read."""

    model_config = ConfigDict(extra="ignore")

    type: str
    text: str = Field("", max_length=LONGEST_TURN)


class MessageBody(BaseModel):
    """A message of the conversation."""

    model_config = ConfigDict(extra="ignore")

    role: str
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """The texts of the message."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.text)
        return self.content or ""


class StreamOptions(BaseModel):
    """What of a stream is wanted."""

    model_config = ConfigDict(extra="ignore")

    include_usage: bool = False


class ChatBody(BaseModel):
    """A conversation whose last question is to be answered; fields that mean nothing here are passed over."""

    model_config = ConfigDict(extra="ignore")

    model: str = Field(OURS, max_length=500, description="rag, rag:COLLECTION, or who writes: extractive, openai:NAME.")
    messages: list[MessageBody] = Field(min_length=1, max_length=2 * MOST_TURNS)
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: int | None = Field(1, ge=1, le=1)


@router.get("/models")
def models(desk: AtDesk) -> dict[str, Any]:
    """List what can be asked: each collection with the composer of the settings, and each composer that can be used."""
    usable = [info.name for info in describe(model_options(desk.settings)) if info.usable]
    writers = [EXTRACTIVE, *(["gguf:package"] if "gguf:package" in usable else []), desk.settings.model]
    names = [OURS, *(f"{OURS}:{name}" for name in desk.collections()), *dict.fromkeys(writers)]
    return {"object": "list", "data": [_model(name) for name in names]}


@router.get("/models/{name:path}")
def model(name: str, desk: AtDesk) -> dict[str, Any]:
    """Return one of them."""
    known = [entry["id"] for entry in models(desk)["data"]]
    if name not in known:
        raise not_found("model", name, f"there are {', '.join(known)}.")
    return _model(name)


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": OURS}


@router.post("/chat/completions")
async def complete(body: ChatBody, request: Request, desk: AtDesk) -> Response:
    """Answer the last question of a conversation.

    A message is the checked answer with its markers; its `annotations` hold the citations, and `rag` says whether the
    documents answer (`status`), how each sentence stands to its evidence, and for a refusal what comes nearest.
    """
    question, history = conversation(body.messages)
    who = await run_in_threadpool(_assistant, desk, body.model)
    server = f"{request.url.scheme}://{request.url.netloc}"
    reply = _Reply(body.model, server, who.settings.collection)
    if body.stream:
        usage = bool(body.stream_options and body.stream_options.include_usage)
        return sse.response(_chunks(reply, who, question, history, request, usage=usage))
    found = await asking.answer(who, question, history, gone=request.is_disconnected)
    return JSONResponse(reply.whole(found)) if found else Response(status_code=499)


def conversation(messages: Sequence[MessageBody]) -> tuple[str, list[Turn]]:
    """Return the question, which is the user's last message, and the turns before it.

    Raises:
        Problem: when no message is the user's.
    """
    turns: list[Turn] = []
    question = None
    for message in messages:
        if message.role == "user":
            if question is not None:
                turns.append(Turn(question, ""))
            question = message.text
        elif message.role == "assistant" and question is not None:
            turns.append(Turn(question, message.text))
            question = None
    if question is None:
        raise Problem(422, "invalid_request", "The last message of 'messages' must be a question of the role 'user'.")
    return question, turns


def _assistant(desk: Desk, name: str) -> Assistant:
    kind, _, collection = name.partition(":")
    if kind == OURS:
        return assistant(desk, collection or None, None)
    return assistant(desk, None, name)


async def _chunks(
    reply: _Reply, who: Assistant, question: str, history: list[Turn], request: Request, *, usage: bool
) -> AsyncIterator[str]:
    yield sse.event(reply.chunk({"role": "assistant", "content": ""}))
    try:
        async with aclosing(asking.events(who, question, history, gone=request.is_disconnected)) as events:
            async for event in events:
                if isinstance(event, Checked):
                    yield sse.event(reply.sentence(event))
                elif isinstance(event, Answer):
                    for chunk in reply.last(event, usage=usage):
                        yield sse.event(chunk)
                elif event is None:
                    yield ""
    except Exception as error:  # noqa: BLE001  # the status is sent: told as an event, and logged if it is ours
        yield sse.event(problem(error).body)
    yield sse.event("[DONE]")


class _Reply:
    """The message of an answer, whole or in chunks."""

    def __init__(self, model: str, server: str, collection: str) -> None:
        self._there = f"{server}/api/v1/documents/{{}}/citation?start={{}}&end={{}}&collection={collection}"
        self._content = ""
        self._head = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time()), "model": model}

    def whole(self, answer: Answer) -> dict[str, Any]:
        """Return the message with all that belongs to it."""
        known = {citation.id: citation for citation in answer.citations}
        notes, at = [], 0
        for sentence in answer.sentences:
            at = answer.answer.index(sentence.text, at) + len(sentence.text)
            notes += self._notes(answer.answer, at, [known[number] for number in sentence.citations])
        message = {"role": "assistant", "content": answer.answer, "annotations": notes, "rag": _ours(answer)}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        return self._head | {"object": "chat.completion", "choices": [choice], "usage": _usage(answer)}

    def sentence(self, checked: Checked) -> dict[str, Any]:
        """Return a chunk with a sentence and its markers."""
        lead = f"{checked.sentence.lead} " if checked.sentence.lead else ""
        said = (" " if self._content else "") + lead + checked.sentence.text
        at = len(self._content) + len(said)
        added = f"{said} " + "".join(f"[{citation.id}]" for citation in checked.citations)
        self._content += added
        return self.chunk({"content": added, "annotations": self._notes(self._content, at, checked.citations)})

    def last(self, answer: Answer, *, usage: bool) -> list[dict[str, Any]]:
        """Return the chunks at the end: what the sentences did not say, and how much was read and written."""
        rest = {"rag": _ours(answer)} if self._content else {"content": answer.answer, "rag": _ours(answer)}
        chunks = [self.chunk(rest), self.chunk({}, "stop")]
        if usage:
            chunks.append(self._head | {"object": "chat.completion.chunk", "choices": [], "usage": _usage(answer)})
        return chunks

    def chunk(self, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        """Return a chunk that adds to the message."""
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return self._head | {"object": "chat.completion.chunk", "choices": [choice]}

    def _notes(self, content: str, at: int, citations: Sequence[Citation]) -> list[dict[str, Any]]:
        """Return an annotation for each marker of the sentence that ends at an offset of the content."""
        notes = []
        for citation in citations:
            marker = f"[{citation.id}]"
            at = content.index(marker, at)
            there = self._there.format(citation.document, citation.start, citation.end)
            url = citation.source if citation.source.startswith(("http://", "https://")) else there
            place = {"start_index": at, "end_index": at + len(marker), "url": url, "title": citation.title}
            notes.append({"type": "url_citation", "url_citation": place, "rag": asdict(citation)})
        return notes


def _ours(answer: Answer) -> dict[str, Any]:
    data = answer.to_dict()
    return {name: data[name] for name in ("status", "sentences", "nearest", "dropped")}


def _usage(answer: Answer) -> dict[str, int]:
    prompt, reply = (answer.trace.tokens.get(name, 0) for name in ("prompt", "reply"))
    return {"prompt_tokens": prompt, "completion_tokens": reply, "total_tokens": prompt + reply}
