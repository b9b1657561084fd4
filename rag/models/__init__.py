"""Chat models by name: `gguf:package`, `gguf:PATH`, `transformers:NAME`, `openai:NAME`; `extractive` is none.

Importing this imports no engine, opens no connection and starts no thread.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from prompts import Message
from rag.errors import ModelError
from rag.models.base import (
    ChatModel,
    ContextError,
    ModelInfo,
    ModelOptions,
    Record,
    Reply,
    ReplyError,
    Size,
    missing,
)
from rag.models.fit import stream_fitting
from rag.models.package import INSTALL, packaged_gguf
from rag.models.redact import shown_address

if TYPE_CHECKING:
    from rag.settings import Settings

__all__ = [
    "ChatModel",
    "ContextError",
    "Message",
    "ModelInfo",
    "ModelOptions",
    "Record",
    "Reply",
    "ReplyError",
    "Size",
    "describe",
    "model_options",
    "open_model",
    "stream_fitting",
]

EXTRACTIVE = "extractive"
FORMS = (EXTRACTIVE, "gguf:package", "gguf:PATH", "transformers:NAME", "openai:NAME")


_OTHER_WORDS = {
    **dict.fromkeys(("hf", "huggingface"), "transformers"),
    **dict.fromkeys(("llama.cpp", "llamacpp", "xllamacpp"), "gguf"),
    **dict.fromkeys(("package", "smollm2", "local"), "gguf:package"),
    **dict.fromkeys(("hosted", "ollama", "vllm", "azure", "lmstudio"), "openai"),
}
"""What people call our forms of names elsewhere."""


def _gguf(target: str, options: ModelOptions) -> ChatModel:
    from rag.models.gguf import GgufModel

    return GgufModel(target, options)


def _hugging_face(target: str, options: ModelOptions) -> ChatModel:
    from rag.models.hf import HuggingFaceModel

    return HuggingFaceModel(target, options)


def _hosted(target: str, options: ModelOptions) -> ChatModel:
    from rag.models.hosted import HostedModel

    return HostedModel(target, options)


SCHEMES: Mapping[str, Callable[[str, ModelOptions], ChatModel]] = {
    "gguf": _gguf,
    "transformers": _hugging_face,
    "openai": _hosted,
}


def open_model(name: str, options: ModelOptions) -> ChatModel | None:
    """Return the chat model of that name, loaded, or None for `extractive`, which needs none.

    Raises `ModelError` if the name is of no known form or the model cannot be used here.
    """
    if name == EXTRACTIVE:
        return None
    scheme, _, target = name.partition(":")
    if scheme not in SCHEMES or not target.strip():
        raise ModelError(f"There is no model {name!r}.{_meant(name)} Names are {', '.join(FORMS)}.")
    return SCHEMES[scheme](target.strip(), options)


def model_options(settings: Settings) -> ModelOptions:
    """Return what a model of these settings is opened with."""
    return ModelOptions(
        base_url=settings.base_url,
        api_key=settings.api_key,
        timeout_s=settings.timeout_s,
        context=settings.model_context,
        threads=settings.threads,
        offline=settings.offline,
        cache=settings.cache,
    )


def describe(options: ModelOptions) -> list[ModelInfo]:
    """Return every form of name, whether it can be used here, and if not, what to do; asks no network."""
    packaged = _info("gguf:package", "SmolLM2-135M-Instruct, on this machine", ["xllamacpp"], size="tiny")
    if packaged.usable and packaged_gguf() is None:
        packaged = ModelInfo("gguf:package", False, f"its weights are not installed: {INSTALL}", "tiny")
    name = "a model of this machine's cache, or a folder" if options.offline else "any causal model of the hub"
    return [
        ModelInfo(EXTRACTIVE, True, "no model: the best sentences of the documents, as they stand"),
        packaged,
        _info("gguf:PATH", "any GGUF file, on this machine", ["xllamacpp"]),
        _info("transformers:NAME", name, ["transformers", "torch"]),
        _describe_hosted(options),
    ]


def _describe_hosted(options: ModelOptions) -> ModelInfo:
    from rag.models.hosted import check_address

    info = _info("openai:NAME", f"any model of the service at {shown_address(options.base_url)}", ["openai"])
    try:
        check_address("openai", options)
    except ModelError as error:
        return ModelInfo(info.name, False, str(error))
    return info


def _info(name: str, note: str, packages: list[str], size: Size | None = None) -> ModelInfo:
    if absent := missing(*packages):
        note = f"not installed: pip install {' '.join(absent)}"
    return ModelInfo(name, not absent, note, size)


def _meant(name: str) -> str:
    scheme, _, target = name.partition(":")
    if name.endswith(".gguf") and Path(name).expanduser().is_file():
        return f" Did you mean gguf:{name}?"
    if scheme in SCHEMES:
        return f" Write what follows the colon, as in {next(f for f in FORMS if f.startswith(scheme))}."
    word = scheme.strip().lower()
    if close := difflib.get_close_matches(word, [EXTRACTIVE, *SCHEMES, *_OTHER_WORDS], n=1, cutoff=0.7):
        found = _OTHER_WORDS.get(close[0], close[0])
        return f" Did you mean {found}{':' + target if target and found in SCHEMES else ''}?"
    if name.count("/") == 1:
        return f" Did you mean transformers:{name}?"
    return f" If a service knows it by this name, write openai:{name}." if name.strip() else ""
