"""Models behind an OpenAI-compatible address (OpenAI, vLLM, Ollama, llama.cpp…), by the `openai` client.

Nothing is sent before `stream` is called. Offline, only this machine is asked. The key is never shown.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from prompts import Message
from rag.errors import ModelError
from rag.models.base import ModelOptions, Size, demand, parameters_in, size_of
from rag.models.hosted_errors import Explainer
from rag.models.text import Pieces, defuse, reply
from rag.models.tokens import usual_counter

if TYPE_CHECKING:
    import openai

DEFAULT_CONTEXT = 8192
"""Tokens of context unless the options say otherwise: services do not tell, and the usual ones have more."""

RETRIES = 1
"""Times a request is sent again after a broken connection, a time-out, 429 or 5xx; heeds `Retry-After`."""

_ADAPTABLE = ("max_tokens", "temperature", "seed")


class HostedModel:
    """A model of a service, by its name there."""

    def __init__(self, target: str, options: ModelOptions) -> None:
        self.name = f"openai:{target}"
        demand(self.name, "openai")
        check_address(self.name, options)
        # One that names no size is taken for large: those are the ones of the big services.
        self.size: Size = size_of(parameters_in(target) or float("inf"))
        self.context = options.context or DEFAULT_CONTEXT
        self._target = target
        self._options = options
        self._explain = Explainer(self.name, target, options)
        self._client: openai.OpenAI | None = None
        self._closed = False

    def count(self, text: str) -> int:
        """Return an estimate of the number of tokens: SmolLM2's vocabulary stands in for the service's."""
        return usual_counter()(text)

    def stream(self, messages: Sequence[Message], *, max_tokens: int, temperature: float, seed: int) -> Pieces:
        """Yield the reply in pieces; closing the generator closes the connection, which stops the service."""
        if self._closed:
            raise ModelError(f"{self.name} was closed. Open it again.")
        request: dict[str, Any] = {
            "model": self._target,
            "messages": [{"role": m.role, "content": defuse(m.content)} for m in messages],
            "max_tokens": max_tokens,
            "temperature": temperature,
            "seed": seed,
            "stream": True,
        }
        yield from reply(self._pieces(request), self._explain.nothing)

    def close(self) -> None:
        """Close the connections."""
        self._closed = True
        if self._client is not None:
            self._client.close()

    def _pieces(self, request: dict[str, Any]) -> Pieces:
        import openai

        client, begun = self._connect(), False
        try:
            with closing(self._request(client, request)) as chunks:
                for chunk in chunks:
                    # The client checks no shape: a server may send any JSON.
                    choices = getattr(chunk, "choices", None)
                    if choices:
                        begun = True
                        yield getattr(choices[0].delta, "content", None) or ""
        except openai.OpenAIError as error:
            raise self._explain(error, client, begun) from error
        except (ValueError, TypeError, AttributeError) as error:
            raise self._explain.nonsense(error) from error

    def _request(self, client: openai.OpenAI, request: dict[str, Any]) -> openai.Stream[Any]:
        """Send the request; leave out or rename what the model says it does not take, and send again."""
        import openai

        for _ in _ADAPTABLE:
            try:
                return client.chat.completions.create(**request)  # type: ignore[no-any-return]
            except openai.BadRequestError as error:
                refused = _refused_parameter(error, request)
                if refused is None:
                    raise
                value = request.pop(refused)
                if refused == "max_tokens":  # the older name of the same
                    request["max_completion_tokens"] = value
        return client.chat.completions.create(**request)  # type: ignore[no-any-return]

    def _connect(self) -> openai.OpenAI:
        import openai

        if self._client is None:
            options = self._options
            here = is_loopback(options.base_url)
            self._client = openai.OpenAI(
                base_url=options.base_url,
                # Never None: the client would take the key in OPENAI_API_KEY and send it to any address.
                api_key=options.api_key.get_secret_value() if options.api_key else "none",
                default_headers={"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()},  # type: ignore[dict-item]
                timeout=options.timeout_s,
                max_retries=RETRIES,
                # A proxy or a redirect would lead away from this machine.
                http_client=openai.DefaultHttpxClient(
                    timeout=options.timeout_s, trust_env=not here, follow_redirects=not here
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
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise ModelError(f"{name}: base_url {url!r} is no address. Give one such as http://127.0.0.1:8080/v1")
    if options.offline and not is_loopback(url):
        raise ModelError(
            f"{name}: base_url {url!r} is another machine, and 'offline' is on. Your question and passages"
            " would be sent there. Set 'offline' to false to allow it, or use gguf:package."
        )


def _refused_parameter(error: openai.BadRequestError, request: dict[str, Any]) -> str | None:
    if error.code not in ("unsupported_parameter", "unsupported_value"):
        return None
    return next((name for name in _ADAPTABLE if name == error.param and name in request), None)
