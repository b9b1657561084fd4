"""Turn what goes wrong with a hosted model into an error a person can act on: address, model and remedy."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from rag.errors import ModelError
from rag.models.base import ModelOptions

if TYPE_CHECKING:
    import openai

_LONGEST = 300  # characters of a server's own words
_CONTEXT_CODES = ("context_length_exceeded", "exceed_context_size_error")
_CONTEXT_WORDS = ("context length", "context size", "maximum context", "context window", "too many tokens")


class Explainer:
    """Words errors for one model of one service; the key is struck out of whatever the service says."""

    def __init__(self, name: str, target: str, options: ModelOptions) -> None:
        self._name = name
        self._target = target
        self._options = options
        self._where = f"{name} at {options.base_url}"

    def __call__(self, error: openai.OpenAIError, client: openai.OpenAI, begun: bool) -> ModelError:
        """Return the error to raise for one of the client's, `begun` if a part of the reply had come."""
        import openai

        if isinstance(error, openai.APITimeoutError):
            return ModelError(
                f"{self._where}: no word within {self._options.timeout_s:g} s. Allow more ('timeout_s'), give"
                " it fewer passages, or use a smaller model."
            )
        if isinstance(error, openai.APIConnectionError):
            cause = self._said(str(error.__cause__ or error))
            if begun:
                return ModelError(
                    f"{self._where}: the connection broke in the middle of the reply ({cause}). Ask again."
                )
            return ModelError(
                f"{self._where}: no server answers ({cause}). Start it, or correct 'base_url', which usually"
                " ends in /v1."
            )
        if isinstance(error, openai.APIStatusError):
            return self._status(error, client)
        # Raised in the middle of a reply, with the words of the server.
        said = self._said(str(error))
        if _is_about_context(error, said):
            return self._too_long(said)
        return ModelError(f"{self._where}: failed while answering ({said}). Ask again, or use another model.")

    def nothing(self) -> ModelError:
        """Return the error for a reply without text."""
        return ModelError(
            f"{self._where}: the reply is empty. Check that 'base_url' is an OpenAI-compatible address that"
            " streams; a model that reasons first needs more 'max_tokens'."
        )

    def nonsense(self, error: Exception) -> ModelError:
        """Return the error for a reply that is not in the protocol."""
        return ModelError(
            f"{self._where}: the reply makes no sense ({self._said(str(error))}). Check that 'base_url' is an"
            " OpenAI-compatible address; it usually ends in /v1."
        )

    def _status(self, error: openai.APIStatusError, client: openai.OpenAI) -> ModelError:
        said = self._said(error.message)
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
                    f"{self._where}: too many requests, or no credit left ({said}). Wait, or change model."
                )
            case 400 | 413 | 422 if _is_about_context(error, said):
                return self._too_long(said)
            case status if status >= 500:
                return ModelError(f"{self._where}: the service failed ({status}: {said}). Ask again later.")
            case status:
                return ModelError(f"{self._where}: the service refuses the request ({status}: {said}).")

    def _not_found(self, said: str, client: openai.OpenAI) -> ModelError:
        import openai

        try:
            ids = sorted(model.id for model in client.models.list())
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

    def _too_long(self, said: str) -> ModelError:
        return ModelError(
            f"{self._where}: the prompt is too long for the model ({said}). Give it fewer tokens of passages"
            " ('context_tokens'), or use a model with more context."
        )

    def _said(self, text: str) -> str:
        key = self._options.api_key.get_secret_value() if self._options.api_key else ""
        text = " ".join((text.replace(key, "***") if key else text).split())
        return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _is_about_context(error: openai.OpenAIError, said: str) -> bool:
    marks = (getattr(error, "code", None), getattr(error, "type", None))
    return any(mark in _CONTEXT_CODES for mark in marks) or any(words in said.lower() for words in _CONTEXT_WORDS)
