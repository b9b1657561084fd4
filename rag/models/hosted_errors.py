"""Turn what goes wrong with a hosted model into an error a person can act on: address, model and remedy."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from rag.errors import ModelError
from rag.models.base import ContextError, ModelOptions, Record, ReplyError
from rag.models.redact import Redactor, shown_address
from rag.models.retry import LONGEST_S

if TYPE_CHECKING:
    import openai

_LONGEST = 300  # characters of a server's own words
_CONTEXT_CODES = ("context_length_exceeded", "exceed_context_size_error")
_CONTEXT_WORDS = (
    *("context length", "context size", "maximum context", "context window", "too many tokens"),
    *("prompt is too long", "input is too long", "reduce the length"),
)
_LIMIT = re.compile(r"context (?:length|size|window)\D{0,30}?(\d[\d,]*)", re.IGNORECASE)
_FILTERED = ("content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation")


class Explainer:
    """Words errors for one model of one service; keys and passwords are struck out of whatever the service says."""

    def __init__(self, name: str, target: str, options: ModelOptions) -> None:
        self._name = name
        self._target = target
        self._options = options
        self._where = f"{name} at {shown_address(options.base_url)}"
        self._redact = Redactor(options)

    def __call__(self, error: openai.OpenAIError, client: openai.OpenAI, begun: bool) -> ModelError:
        """Return the error to raise for one of the client's, `begun` if a part of the reply had come."""
        import openai

        kind = ReplyError if begun else ModelError
        if isinstance(error, openai.APITimeoutError):
            return kind(
                f"{self._where}: no word within {self._options.timeout_s:g} s. Allow more ('timeout_s'), give"
                " it fewer passages, or use a smaller model."
            )
        if isinstance(error, openai.APIConnectionError):
            cause = self.quoted(str(error.__cause__ or error))
            if begun:
                return ReplyError(
                    f"{self._where}: the connection broke in the middle of the reply ({cause}). Ask again."
                )
            return ModelError(
                f"{self._where}: no server answers ({cause}). Start it, or correct 'base_url', which usually"
                " ends in /v1."
            )
        if isinstance(error, openai.APIStatusError):
            return self._status(error, client)
        # Raised in the middle of a reply, with the words of the server.
        said = self.quoted(str(error))
        if is_about_context(error):
            return self._too_long(error, said)
        return kind(f"{self._where}: failed while answering ({said}). Ask again, or use another model.")

    def nothing(self, record: Record) -> ReplyError:
        """Return the error for a reply without text."""
        if record.finish == "declined":
            return self.declined()
        if record.thoughts:
            return ReplyError(
                f"{self._where}: the reply is empty but for {record.thoughts} characters of reasoning. Allow it"
                " more tokens ('max_tokens'), or use a model that does not reason."
            )
        return ReplyError(
            f"{self._where}: the reply is empty. Check that 'base_url' is an OpenAI-compatible address; it usually"
            " ends in /v1."
        )

    def declined(self) -> ReplyError:
        """Return the error for a reply that the service would not give, or not go on with."""
        return ReplyError(
            f"{self._where}: the service declined to answer, or its filter cut the answer off. Word the question"
            " otherwise, or use another model."
        )

    def nonsense(self, error: Exception, begun: bool) -> ModelError:
        """Return the error for a reply that is not in the protocol, `begun` if a part of it was."""
        return (ReplyError if begun else ModelError)(
            f"{self._where}: the reply makes no sense ({self.quoted(str(error))}). Check that 'base_url' is an"
            " OpenAI-compatible address; it usually ends in /v1."
        )

    def quoted(self, text: str) -> str:
        """Return words of the service as they may be shown: without secrets, on one line, not too long."""
        text = " ".join(self._redact(text).split())
        return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"

    def _status(self, error: openai.APIStatusError, client: openai.OpenAI) -> ModelError:
        said = self.quoted(error.message)
        match error.status_code:
            case 401 | 403:
                # Not their words: services like to repeat the key.
                state = "the key" if self._options.api_key else "a request without a key"
                return ModelError(
                    f"{self._where}: the service refuses {state} ({error.status_code}). Set RAG_API_KEY to"
                    " one that may use this model."
                )
            case 404:
                return self._not_found(said, client)
            case 429:
                return ModelError(
                    f"{self._where}: too many requests, or no credit left ({said}). {_wait(error)}, or change model."
                )
            case 400 | 413 | 422 | 500 if is_about_context(error):
                return self._too_long(error, said)
            case 400 | 422 if error.code in _FILTERED:
                return self.declined()
            case status if status >= 500:
                return ModelError(f"{self._where}: the service failed ({status}: {said}). Ask again later.")
            case status:
                return ModelError(f"{self._where}: the service refuses the request ({status}: {said}).")

    def _not_found(self, said: str, client: openai.OpenAI) -> ModelError:
        import openai

        try:
            ids = sorted(str(model.id) for model in client.models.list())
        except (openai.OpenAIError, ValueError, TypeError, AttributeError):
            return ModelError(
                f"{self._where}: not found ({said}). Check 'base_url': it usually ends in /v1. If it is"
                f" right, the service has no model {self._target!r}."
            )
        close = difflib.get_close_matches(self._target, ids, n=1)
        meant = f" Did you mean openai:{close[0]}?" if close else ""
        return ModelError(
            f"{self._where}: there is no such model.{meant} It has {', '.join(ids[:20]) or 'none'}"
            f"{', …' if len(ids) > 20 else ''}."
        )

    def _too_long(self, error: openai.OpenAIError, said: str) -> ContextError:
        body = getattr(error, "body", None)
        told = body.get("n_ctx") if isinstance(body, dict) else None  # llama.cpp
        if not isinstance(told, int):
            found = _LIMIT.search(said)
            told = int(found[1].replace(",", "")) if found else None
        return ContextError(
            f"{self._where}: the prompt is too long for the model ({said}). Give it fewer tokens of passages"
            " ('context_tokens'), or use a model with more context.",
            told,
        )


def _wait(error: openai.APIStatusError) -> str:
    asked = error.response.headers.get("retry-after", "")
    if asked.isdecimal() and int(asked) > LONGEST_S:
        return f"It asks to wait {asked} s: do"
    return "Wait"


def is_about_context(error: openai.OpenAIError) -> bool:
    """Say whether an error is that the prompt is too long."""
    marks = (getattr(error, "code", None), getattr(error, "type", None))
    said = str(error).lower()
    return any(mark in _CONTEXT_CODES for mark in marks) or any(words in said for words in _CONTEXT_WORDS)
