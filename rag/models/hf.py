"""Hugging Face models, by `transformers`: any causal model with a chat template, on a GPU if there is one.

Offline, and for a folder, no hub is asked. Code that comes with a model is not run.
"""

from __future__ import annotations

import difflib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from prompts import Message
from rag.errors import ModelError
from rag.models.base import ContextError, ModelOptions, Record, Reply, ReplyError, Size, demand, size_of
from rag.models.text import defuse, pump, reply
from rag.models.tokens import counter_of_tokenizer

DEFAULT_CONTEXT = 4096
"""Tokens of context unless the options say otherwise."""


class HuggingFaceModel:
    """A model by its Hugging Face name or the folder it was saved in, loaded."""

    def __init__(self, target: str, options: ModelOptions) -> None:
        self.name = f"transformers:{target}"
        demand(self.name, "transformers", "torch")
        with _quiet():
            self._tokenizer, self._model = _load(self.name, target, options)
        self.size: Size = size_of(self._model.num_parameters())
        trained = getattr(self._model.config, "max_position_embeddings", None) or DEFAULT_CONTEXT
        self.context = min(options.context or DEFAULT_CONTEXT, trained)
        self._control = frozenset(token for token in self._tokenizer.all_special_tokens if len(token) > 2)
        self._count = self._counter()
        self._closed = False
        # One generation at a time: torch's random state belongs to the process.
        self._turn = threading.Lock()

    def count(self, text: str) -> int:
        """Return the number of tokens by the model's own vocabulary."""
        return self._count(text)

    def stream(self, messages: Sequence[Message], *, max_tokens: int, temperature: float, seed: int) -> Reply:
        """Yield the reply in pieces of whole words; closing it stops the model."""
        if self._closed:
            raise ModelError(f"{self.name} was closed. Open it again.")
        inputs = self._inputs(messages)
        length = inputs["input_ids"].shape[1]
        if length >= self.context:
            raise ContextError(
                f"{self.name}: the prompt has {length} tokens, the model reads {self.context}. Give it fewer"
                " tokens of passages ('context_tokens'), or use a model with more context.",
                self.context,
            )
        choices: dict[str, Any] = {"max_new_tokens": min(max_tokens, self.context - length)}
        # Given even where they say nothing, lest those in the model's folder hold.
        choices |= {"do_sample": temperature > 0, "top_k": 0 if temperature > 0 else None, "top_p": None}
        choices |= {"temperature": temperature if temperature > 0 else None}
        record = Record(tokens={"prompt": length})
        stopped = threading.Event()
        pieces = pump(lambda emit: self._generate(inputs, choices, seed, record, emit), stopped)
        return reply(pieces, record, self._nothing, stopped.set)

    def close(self) -> None:
        """Free the weights."""
        self._closed = True
        self._model = None

    def _generate(
        self, inputs: dict[str, Any], choices: dict[str, Any], seed: int, record: Record, emit: Callable[[str], bool]
    ) -> None:
        import torch
        from transformers import StoppingCriteriaList

        devices = [self._model.device] if self._model.device.type == "cuda" else []
        with self._turn, torch.random.fork_rng(devices):
            torch.manual_seed(seed)
            try:
                written = self._model.generate(
                    **inputs,
                    **choices,
                    streamer=_streamer(self._tokenizer, emit),
                    stopping_criteria=StoppingCriteriaList([_stopper(emit)]),
                    pad_token_id=self._tokenizer.pad_token_id or self._tokenizer.eos_token_id,
                )
            except (RuntimeError, ValueError) as error:  # out of memory is a RuntimeError
                raise ModelError(
                    f"{self.name} failed: {error}. Give it fewer passages, or use a smaller model."
                ) from error
        record.tokens["reply"] = written.shape[1] - record.tokens["prompt"]
        if record.tokens["reply"] == choices["max_new_tokens"] and written[0, -1] not in _ends(self._model):
            record.finish = "length"

    def _inputs(self, messages: Sequence[Message]) -> dict[str, Any]:
        import jinja2

        turns = [{"role": m.role, "content": defuse(m.content, self._control)} for m in messages]
        try:
            inputs = self._templated(turns)
        except jinja2.TemplateError:  # some know no system message
            try:
                inputs = self._templated(_without_system(turns))
            except jinja2.TemplateError as error:
                raise ModelError(
                    f"{self.name}: its chat template refuses the messages ({error}). Use another model."
                ) from error
        return {name: tensor.to(self._model.device) for name, tensor in inputs.items()}

    def _templated(self, turns: list[dict[str, str]]) -> dict[str, Any]:
        inputs = self._tokenizer.apply_chat_template(
            turns, add_generation_prompt=True, return_tensors="pt", return_dict=True, enable_thinking=False
        )
        return cast("dict[str, Any]", inputs)

    def _counter(self) -> Callable[[str], int]:
        backend = getattr(self._tokenizer, "backend_tokenizer", None)
        counter = counter_of_tokenizer(backend.to_str()) if backend is not None else None
        # What tiktoken cannot count, the model's own tokenizer can; it is here anyway.
        return counter or (lambda text: len(self._tokenizer.encode(text, add_special_tokens=False)))

    def _nothing(self) -> ReplyError:
        return ReplyError(f"{self.name} wrote nothing. Allow it more tokens ('max_tokens'), or use another model.")


def _load(name: str, target: str, options: ModelOptions) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = Path(target).expanduser()
    local = options.offline or folder.is_dir()
    where = str(folder) if folder.is_dir() else target
    device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    # Half precision is slower than full on most CPUs.
    dtype = torch.float32 if device == "cpu" else "auto"
    try:
        tokenizer = AutoTokenizer.from_pretrained(where, local_files_only=local)
        model = AutoModelForCausalLM.from_pretrained(where, local_files_only=local, dtype=dtype)
    except (OSError, ValueError) as error:
        hint = "Check the name, and the connection." if not local else "Check the files in the folder."
        if local and not folder.is_dir():
            close = difflib.get_close_matches(target, _cached(), n=1)
            hint = f"Did you mean transformers:{close[0]}? " if close else ""
            hint += "It is not in the local cache, and 'offline' is on: set it to false once to fetch the model."
        raise ModelError(f"{name} cannot be loaded: {str(error).splitlines()[0]} {hint}") from error
    if not tokenizer.chat_template:
        raise ModelError(f"{name} has no chat template. Use a model tuned for chat, often '…-Instruct'.")
    # `to` is decorated in a way that hides its `self` from mypy.
    return tokenizer, model.to(device).eval()  # type: ignore[arg-type]


def _cached() -> list[str]:
    """Return the names of the models in the local cache, whose folders are called `models--owner--name`."""
    from huggingface_hub.constants import HF_HUB_CACHE

    folders = (folder.name.split("--") for folder in Path(HF_HUB_CACHE).glob("models--*"))
    return ["/".join(parts[1:]) for parts in folders]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep progress bars and notes of `transformers` off the terminal, and put its settings back."""
    from transformers.utils import logging

    bars, level = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]


def _ends(model: Any) -> list[int]:
    """Return the numbers of the tokens with which the model ends a reply: of some it is one, of others a list."""
    ends = model.generation_config.eos_token_id
    return ends if isinstance(ends, list) else [ends]


def _streamer(tokenizer: Any, emit: Callable[[str], bool]) -> Any:
    from transformers import TextStreamer

    class Emitting(TextStreamer):
        def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
            emit(text)

    return Emitting(tokenizer, skip_prompt=True, skip_special_tokens=True)


def _stopper(emit: Callable[[str], bool]) -> Any:
    import torch
    from transformers import StoppingCriteria

    class Asking(StoppingCriteria):
        def __call__(self, input_ids: torch.LongTensor, scores: object, **_: object) -> torch.Tensor:
            return torch.full((input_ids.shape[0],), emit(""), dtype=torch.bool, device=input_ids.device)

    return Asking()


def _without_system(turns: list[dict[str, str]]) -> list[dict[str, str]]:
    """Put the system message at the head of the first user message."""
    if len(turns) < 2 or turns[0]["role"] != "system":
        return turns
    first = {"role": turns[1]["role"], "content": f"{turns[0]['content']}\n\n{turns[1]['content']}"}
    return [first, *turns[2:]]
