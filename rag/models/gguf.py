"""GGUF models in this process, by llama.cpp through `xllamacpp`.

`xllamacpp` always starts llama.cpp's HTTP server. It is made unreachable here: it listens on a UNIX socket in
a folder of this user's alone, whose name is removed as soon as the model is loaded; no port is opened.
"""

from __future__ import annotations

import difflib
import importlib
import os
import secrets
import sys
import tempfile
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from threading import Event
from types import ModuleType
from typing import TYPE_CHECKING, Any

from prompts import Message
from rag.errors import ModelError
from rag.models.base import ContextError, ModelOptions, Record, Reply, ReplyError, Size, demand, size_of
from rag.models.gguf_file import Header, read_header
from rag.models.gguf_wide import widened
from rag.models.package import INSTALL, packaged_gguf
from rag.models.text import defuse, pump, reply
from rag.models.tokens import Counter, counter_of_gguf

if TYPE_CHECKING:
    import xllamacpp

DEFAULT_CONTEXT = 4096
"""Tokens of context unless the options say otherwise: models allow up to millions, which cost memory."""

BATCH = 64
"""Prompt tokens evaluated at a time. On 2 cores as fast as 512 (163 and 154 a second); sooner stopped."""

_SOCKET_NAME_LIMIT = 100  # of 104 to 108 bytes that systems allow


class GgufModel:
    """A GGUF file, loaded."""

    def __init__(self, target: str, options: ModelOptions) -> None:
        self.name = f"gguf:{target}"
        demand(self.name, "xllamacpp")
        self._path = _path_of(target)
        self._header = read_header(self._path)
        self.size: Size = size_of(self._header.parameters)
        trained = self._header.context or DEFAULT_CONTEXT
        self.context = min(options.context or DEFAULT_CONTEXT, trained)
        self._control = self._header.control_tokens
        if target == "package" and options.cache is not None:
            self._path = _quicker(self._path, self._header, options.cache)
        self._servers: list[xllamacpp.Server] = [self._load(options)]
        # Also at the end of the process: its threads must be gone before C++ frees what they use.
        self._free = weakref.finalize(self, self._servers.clear)

    def count(self, text: str) -> int:
        """Return the number of tokens by the model's own vocabulary."""
        return self._counter(text)

    @cached_property
    def _counter(self) -> Counter:
        return counter_of_gguf(self._header)

    def stream(self, messages: Sequence[Message], *, max_tokens: int, temperature: float, seed: int) -> Reply:
        """Yield the reply in pieces; closing it stops the model and waits for its thread."""
        if not self._servers:
            raise ModelError(f"{self.name} was closed. Open it again.")
        server = self._servers[0]
        record = Record()
        request = {
            "messages": [{"role": m.role, "content": defuse(m.content, self._control)} for m in messages],
            "max_tokens": max_tokens,
            "temperature": temperature,
            "seed": seed,
            "stream": True,
            # A prompt partly in the cache is evaluated in other batches, which rounds otherwise: the same
            # question must get the same answer whatever was asked before.
            "cache_prompt": False,
            # A call per batch of the prompt, so that a stop is heeded before the first word.
            "return_progress": True,
            # Templates that know no such switch ignore it.
            "chat_template_kwargs": {"enable_thinking": False},
        }
        stopped = Event()
        pieces = pump(lambda emit: self._generate(server, request, record, emit), stopped)
        return reply(pieces, record, self._nothing, stopped.set)

    def close(self) -> None:
        """Unload the model."""
        self._free()

    def _generate(
        self, server: xllamacpp.Server, request: dict[str, Any], record: Record, emit: Callable[[str], bool]
    ) -> None:
        failures: list[dict[str, Any]] = []

        # xllamacpp drops what a callback raises, so this one must not raise.
        def heed(chunk: dict[str, Any]) -> bool:
            if error := chunk.get("error"):
                failures.append(error)
                return True
            return emit(_text(chunk, record))

        try:
            server.handle_chat_completions(request, heed)
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"{self.name} failed: {error}. Ask again; if it persists, use another model.") from error
        if failures:
            raise self._error(failures[0])

    def _error(self, error: dict[str, Any]) -> ModelError:
        if error.get("type") == "exceed_context_size_error":
            return ContextError(
                f"{self.name}: the prompt has {error.get('n_prompt_tokens')} tokens, the model reads"
                f" {self.context}. Give it fewer tokens of passages ('context_tokens'), or use a model with"
                " more context.",
                self.context,
            )
        return ModelError(f"{self.name} failed: {error.get('message', error)}. Use another model, or 'extractive'.")

    def _nothing(self) -> ReplyError:
        return ReplyError(f"{self.name} wrote nothing. Allow it more tokens ('max_tokens'), or use another model.")

    def _load(self, options: ModelOptions) -> xllamacpp.Server:
        xllamacpp = _engine()
        params = xllamacpp.CommonParams()
        params.model.path = str(self._path)
        params.offline = True
        params.n_ctx = self.context
        params.n_parallel = 1
        params.n_batch = params.n_ubatch = BATCH
        params.cache_ram_mib = 0  # by default up to 8 GB of earlier prompts
        if threads := options.threads or _allowed_cores():
            params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
        params.warmup = False
        params.verbosity = -1  # else it writes to stderr
        params.ui = params.endpoint_slots = False
        params.endpoint_metrics = True
        params.n_threads_http = 1
        params.api_keys = [secrets.token_urlsafe(32)]
        with tempfile.TemporaryDirectory(prefix="rag-", dir=_socket_folder()) as folder:
            # Windows keeps llama.cpp's default, a port of 127.0.0.1, shut by the random key.
            if sys.platform != "win32":
                params.hostnames = [str(Path(folder, "s.sock"))]
            try:
                server = xllamacpp.Server(params)
            except RuntimeError as error:
                kind = self._header.metadata.get("general.architecture", "unknown")
                raise ModelError(
                    f"llama.cpp cannot load {str(self._path)!r} (architecture {kind!r}, context"
                    f" {self.context}). Is the download complete and the memory enough? A new architecture"
                    " needs: pip install -U xllamacpp"
                ) from error
        # Returns once the server's loop runs: ended before that, it misses the end and waits for ever.
        server.handle_metrics()
        return server


def _text(chunk: dict[str, Any], record: Record) -> str:
    """Return the text of a chunk; what else it tells goes into the record."""
    if timings := chunk.get("timings"):  # in the last one
        record.tokens.update(prompt=timings["prompt_n"], reply=timings["predicted_n"])
    choice = (chunk.get("choices") or [{}])[0]
    if choice.get("finish_reason") == "length":
        record.finish = "length"
    delta = choice.get("delta") or {}
    record.thoughts += len(delta.get("reasoning_content") or "")
    return delta.get("content") or ""


def _engine() -> ModuleType:
    """Import `xllamacpp`, its threads set to sleep soon when they wait for each other.

    By default they spin, so that another busy process on the same cores makes answers several times slower
    (measured). OpenMP reads the variable once, when it is loaded; who has set it knows better.
    """
    # Not once it is loaded: to change the environment while another thread reads it may crash the process.
    ours = not {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"} & os.environ.keys() and "xllamacpp" not in sys.modules
    if ours:
        os.environ["GOMP_SPINCOUNT"] = "1000"
    try:
        return importlib.import_module("xllamacpp")
    except ImportError as error:
        # Its wheel leaves OpenMP to the system, and small containers have none.
        hint = "Run: apt-get install libgomp1" if "libgomp" in str(error) else "Run: pip install -U xllamacpp"
        raise ModelError(f"xllamacpp is installed but cannot be loaded ({error}). {hint}") from error
    finally:
        if ours:
            del os.environ["GOMP_SPINCOUNT"]


def _path_of(target: str) -> Path:
    path = Path(target).expanduser()
    if target != "package" and not path.is_file():
        beside = {other.stem: str(other) for other in path.parent.glob("*.gguf")} | {"package": "package"}
        close = difflib.get_close_matches(path.stem, beside, n=1)
        meant = f" Did you mean gguf:{beside[close[0]]}?" if close else ""
        raise ModelError(f"There is no model file {target!r}.{meant} Check the path, or use gguf:package.")
    if target != "package":
        return path
    packaged = packaged_gguf()
    if packaged is None:
        raise ModelError(f"gguf:package needs the weights of SmolLM2. Run: {INSTALL}")
    return packaged


def _quicker(path: Path, header: Header, folder: Path) -> Path:
    """Return a copy of the packaged model that reads quicker; itself where the copy cannot be kept."""
    with suppress(OSError):
        return widened(path, header, folder)
    return path


def _allowed_cores() -> int | None:
    """Return the number of cores this process is confined to, or None: llama.cpp counts the physical ones.

    More threads than cores wait for each other, spinning: llama.cpp counts all cores, confined or not.
    """
    allowed = len(os.sched_getaffinity(0)) if sys.platform == "linux" else None
    return allowed if allowed != os.cpu_count() else None


def _socket_folder() -> str | None:
    """Return where to make the socket's folder: /tmp if the usual place has too long a name for a socket."""
    return None if len(tempfile.gettempdir()) < _SOCKET_NAME_LIMIT - 20 or sys.platform == "win32" else "/tmp"
