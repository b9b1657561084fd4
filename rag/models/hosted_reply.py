"""Read the reply of an OpenAI-compatible service: the text of its chunks, and what they say about the rest.

Services differ in what they send, so nothing is taken for granted: any JSON may come, or none.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from rag.models.base import Finish, Record
from rag.models.sse import events

if TYPE_CHECKING:
    import httpx2

_FINISHES: Mapping[str, Finish] = {
    "length": "length",
    "max_tokens": "length",
    "content_filter": "declined",
    "refusal": "declined",
    "safety": "declined",
}
_TOKENS = {"prompt": "prompt_tokens", "reply": "completion_tokens"}


class Reader:
    """Reads one reply into pieces and its record; `quoted` makes the service's words fit to be shown."""

    def __init__(self, record: Record, quoted: Callable[[str], str]) -> None:
        self._record = record
        self._quoted = quoted
        self._ended = False
        self._refusal = ""
        self.apart = False
        """Whether reasoning came in a field of its own: then none stands in the text."""

    def read(self, response: httpx2.Response, patience: float) -> Iterator[str]:
        """Yield the text of a reply as it comes, never an empty piece.

        Raises:
            openai.APITimeoutError: when for `patience` seconds nothing, or nothing but comments, came.
            openai.APIConnectionError: when the connection broke.
            openai.APIError: in the service's own words, when it said in the midst that it failed.
            ValueError, TypeError, AttributeError: when the reply is not in the protocol.
        """
        import openai

        http = _library_of(response)
        try:
            if response.headers.get("content-type", "").startswith("application/json"):
                response.read()  # it does not stream
                yield from filter(None, [self._text(response.json())])
                self._ended = True
            else:
                yield from filter(None, self._streamed(response, patience))
        except (TimeoutError, http.TimeoutException):
            raise openai.APITimeoutError(request=response.request) from None
        except http.TransportError as error:
            raise openai.APIConnectionError(request=response.request) from error
        if self._refusal:
            self._record.notes.append(f"the service declined: {self._quoted(self._refusal)}")
        if not self._ended:
            # Its last sentence may be half of one, as when it is cut off.
            self._record.finish = "length"
            self._record.notes.append("the service did not say that its reply is complete")

    def _streamed(self, response: httpx2.Response, patience: float) -> Iterator[str]:
        for kind, data in events(response.iter_bytes(), patience):
            if data.startswith("[DONE]"):
                self._ended = True
                return
            chunk = json.loads(data)
            if kind == "error" and isinstance(chunk, dict) and "error" not in chunk:
                chunk = {"error": chunk}
            yield self._text(chunk, response)

    def _text(self, chunk: Any, response: httpx2.Response | None = None) -> str:
        if error := chunk.get("error"):
            import openai

            body = error if isinstance(error, dict) else {"message": str(error)}
            request = response.request if response else None
            raise openai.APIError(str(body.get("message") or body), request=request, body=body)  # type: ignore[arg-type]
        if usage := chunk.get("usage"):
            self._count(usage)
        choices = chunk.get("choices")
        if not choices:  # the chunk that holds the usage
            return ""
        choice = choices[0]
        if reason := choice.get("finish_reason"):
            self._ended = True
            if self._record.finish != "declined":
                self._record.finish = _FINISHES.get(reason, "stop")
        delta = choice.get("delta") or choice.get("message") or {}
        return self._said(delta)

    def _said(self, delta: dict[str, Any]) -> str:
        thoughts = _plain(delta.get("reasoning_content")) or _plain(delta.get("reasoning"))
        if thoughts:
            self.apart = True
            self._record.thoughts += len(thoughts)
        if refusal := _plain(delta.get("refusal")):
            self._record.finish = "declined"
            self._refusal += refusal
        return _plain(delta.get("content"))

    def _count(self, usage: dict[str, Any]) -> None:
        counted = {name: usage.get(key) for name, key in _TOKENS.items()}
        counted["reasoning"] = (usage.get("completion_tokens_details") or {}).get("reasoning_tokens")
        self._record.tokens.update({name: n for name, n in counted.items() if isinstance(n, int) and n > 0})


def _plain(content: object) -> str:
    """Return the text of a content: a string, or parts of which those of the type "text" are said aloud."""
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict) and part.get("type", "text") == "text"]
        return "".join(_plain(part.get("text")) for part in parts)
    return content if isinstance(content, str) else ""


def _library_of(response: httpx2.Response) -> ModuleType:
    """Return the HTTP library that the client uses: `httpx`, or what later versions of the client have in its place."""
    return importlib.import_module(type(response).__module__.partition(".")[0])
