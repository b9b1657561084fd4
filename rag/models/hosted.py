"""Models behind an OpenAI-compatible address (OpenAI, vLLM, Ollama, llama.cpp…), by the `openai` client.

Nothing is sent before `stream` is called. Offline, only this machine is asked. The key is never shown.
"""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Sequence
from contextlib import closing
from itertools import chain, count
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from prompts import Message
from rag.errors import ModelError
from rag.models.base import ContextError, ModelOptions, Record, Reply, Size, demand, parameters_in, size_of
from rag.models.hosted_errors import Explainer, is_about_context
from rag.models.hosted_reply import Reader
from rag.models.redact import read_key, shown_address, without_login
from rag.models.retry import name_of, pause_before
from rag.models.text import Pieces, defuse, reply
from rag.models.thoughts import after_thoughts, names_a_reasoner, without_thoughts
from rag.models.tokens import usual_counter

if TYPE_CHECKING:
    import openai

DEFAULT_CONTEXT = 8192
"""Tokens of context unless the options say otherwise: services do not tell, and the usual ones have more."""

REASONING = 4096
"""Tokens for reasoning, beside those of the answer, for a model that has used up the latter without answering."""

CONNECT_S = 10.0
"""Longest wait for a connection, in seconds; what comes after it may take `timeout_s`."""

_ADAPTABLE = ("max_tokens", "temperature", "seed", "stream_options")
_LIMITS = ("max_tokens", "max_completion_tokens")


class HostedModel:
    """A model of a service, by its name there."""

    def __init__(self, target: str, options: ModelOptions) -> None:
        self.name = f"openai:{target}"
        demand(self.name, "openai")
        check_address(self.name, options)
        self._key = read_key(self.name, options)
        # One that names no size is taken for large: those are the ones of the big services.
        self.size: Size = size_of(parameters_in(target) or float("inf"))
        self.context = options.context or DEFAULT_CONTEXT
        self._target = target
        self._options = options
        self._explain = Explainer(self.name, target, options)
        self._client: openai.OpenAI | None = None
        self._closed = False
        # What its replies have taught: how much it reasons, and whether its reasoning has no opening tag.
        self._reasoning = 0
        self._stray = names_a_reasoner(target)

    def count(self, text: str) -> int:
        """Return an estimate of the number of tokens: SmolLM2's vocabulary stands in for the service's."""
        return usual_counter()(text)

    def stream(self, messages: Sequence[Message], *, max_tokens: int, temperature: float, seed: int) -> Reply:
        """Yield the reply in pieces; closing it closes the connection, which stops the service.

        A request that fails before a word has come is sent again if it may then succeed; the record tells.
        """
        request: dict[str, Any] = {
            "model": self._target,
            "messages": [{"role": m.role, "content": defuse(m.content)} for m in messages],
            "max_tokens": max_tokens + self._reasoning,
            "temperature": temperature,
            "seed": seed,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        record = Record()
        return reply(self._answer(request, record), record, lambda: self._explain.nothing(record))

    def close(self) -> None:
        """Close the connections."""
        self._closed = True
        if self._client is not None:
            self._client.close()

    def _answer(self, request: dict[str, Any], record: Record) -> Pieces:
        """Yield the answer; ask once more, with room to reason, if the reply was reasoning alone."""
        blank = True
        with closing(self._thoughtless(request, record)) as pieces:
            for text in pieces:
                blank = blank and not text.strip()
                yield text
        if blank and record.finish == "length" and record.thoughts and not self._reasoning:
            self._reasoning = REASONING
            limit = next(name for name in _LIMITS if name in request)
            record.notes.append(f"reasoning used up its {request[limit]} tokens: asked again with {REASONING} more")
            request[limit] += REASONING
            record.finish, record.thoughts = "stop", 0
            yield from self._thoughtless(request, record)
        self._stray = self._stray or record.stray
        if record.finish == "declined" and not blank:
            raise self._explain.declined()

    def _thoughtless(self, request: dict[str, Any], record: Record) -> Pieces:
        with closing(self._pieces(request, record)) as pieces:
            yield from without_thoughts(pieces, record)

    def _pieces(self, request: dict[str, Any], record: Record) -> Pieces:
        """Yield the text of the reply as the service sends it, after as many attempts as make sense."""
        import openai

        client = self._connect()
        for attempt in count():
            begun = False
            try:
                with closing(self._attempt(client, request, record)) as pieces:
                    for text in pieces:
                        begun = True
                        yield text
                return
            except openai.OpenAIError as error:
                pause = None if begun else pause_before(error, attempt, self._options.backoff_s)
                if pause is None:
                    raise self._failure(error, client, begun, record) from None  # its own words may hold the key
                record.notes.append(f"{name_of(error)}: asked again after {pause:g} s")
            except (ValueError, TypeError, AttributeError) as error:
                record.finish = "broken"
                raise self._explain.nonsense(error, begun) from None
            time.sleep(pause)

    def _attempt(self, client: openai.OpenAI, request: dict[str, Any], record: Record) -> Pieces:
        reader = Reader(record, self._explain.quoted)
        with closing(self._request(client, request, record)) as stream:
            pieces = reader.read(stream.response, self._options.timeout_s)
            first = next(pieces, "")
            pieces = chain([first] if first else [], pieces)
            yield from after_thoughts(pieces, record) if self._stray and not reader.apart else pieces

    def _failure(self, error: openai.OpenAIError, client: openai.OpenAI, begun: bool, record: Record) -> ModelError:
        record.finish = "broken"
        failure = self._explain(error, client, begun)
        if isinstance(failure, ContextError) and failure.limit:
            self.context = min(self.context, failure.limit)
        return failure

    def _request(self, client: openai.OpenAI, request: dict[str, Any], record: Record) -> openai.Stream[Any]:
        """Send the request; leave out or rename what the model says it does not take, and send again."""
        import openai

        for _ in _ADAPTABLE:
            try:
                return client.chat.completions.create(**request)  # type: ignore[no-any-return]
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                refused = _refused_parameter(error, request)
                if refused is None:
                    raise
                value = request.pop(refused)
                record.notes.append(f"{refused} was refused")
                if refused == "max_tokens":  # the older name of the same
                    request["max_completion_tokens"] = value
        return client.chat.completions.create(**request)  # type: ignore[no-any-return]

    def _connect(self) -> openai.OpenAI:
        import openai

        if self._closed:
            raise ModelError(f"{self.name} was closed. Open it again.")
        if self._client is None:
            options = self._options
            here = is_loopback(options.base_url)
            timeout = openai.Timeout(options.timeout_s, connect=min(options.timeout_s, CONNECT_S))
            address, login = without_login(options.base_url)
            self._client = openai.OpenAI(
                base_url=address,
                # Never None: the client would take the key in OPENAI_API_KEY and send it to any address.
                api_key=self._key or "none",
                default_headers={"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()},  # type: ignore[dict-item]
                timeout=timeout,
                max_retries=0,  # see `rag.models.retry`: the client waits up to two minutes and says nothing
                # A proxy or a redirect would lead away from this machine.
                http_client=openai.DefaultHttpxClient(
                    timeout=timeout, trust_env=not here, follow_redirects=not here, auth=login
                ),
            )
        return self._client


def is_loopback(url: str) -> bool:
    """Return whether a URL leads to this machine."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def check_address(name: str, options: ModelOptions) -> None:
    """Raise `ModelError` if the address is none, or one that may not be used offline."""
    url = options.base_url
    shown = shown_address(url)
    try:
        right = urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname and urlsplit(url).port != 0
    except ValueError:
        right = False
    if not right:
        raise ModelError(f"{name}: base_url {shown!r} is no address. Give one such as http://127.0.0.1:8080/v1")
    if "?" in url or "#" in url:
        raise ModelError(f"{name}: base_url {shown!r} must end before its '?' or '#'. A key belongs into RAG_API_KEY.")
    if options.offline and not is_loopback(url):
        raise ModelError(
            f"{name}: base_url {shown!r} is another machine, and 'offline' is on. Your question and passages"
            " would be sent there. Set 'offline' to false to allow it, or use gguf:package."
        )


def _refused_parameter(error: openai.APIStatusError, request: dict[str, Any]) -> str | None:
    """Return the name of a parameter of ours that the service does not take, which each service says its own way."""
    if is_about_context(error):
        return None
    mine = [name for name in _ADAPTABLE if name in request]
    if error.param in mine:
        return error.param
    return next((name for name in mine if re.search(rf"\b{name}\b", str(error.message))), None)
