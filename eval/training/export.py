"""A trained network becomes a folder of weights: `python -m eval.training.export NETWORK_PT OUT_DIR`.

The graph is traced to OpenVINO and quantised: weights and activations in int8 wherever the engine multiplies so, with
scales that NNCF takes from passages of our own essays, word vectors in 4 bits. It is less than a quarter as large as in
floats, multiplies nearly twice as fast as in bfloat16, and needs no torch to run.
"""

from __future__ import annotations

import json
import random
import warnings
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from tokenizers import Tokenizer

from eval.training.batches import CLAIM_TOKENS, QUESTION_TOKENS, TITLE_TOKENS, unmarked
from eval.training.data import Example, read_essays
from index.embed import DEFAULT, find_weights
from index.graphs import save_graph
from rag.reader import token_types

MAX_TOKENS = 400
GROUP = 64
"""Numbers of a word vector that share a scale."""
WATCHED = 200
"""Passages on which the engine is watched, to choose the scales of its int8 numbers."""


def main(
    network: Annotated[Path, typer.Argument(help="The file that training wrote.")],
    out: Annotated[Path, typer.Argument(help="Folder for model.xml, model.bin, tokenizer.json and reader.json.")],
    full: Annotated[bool, typer.Option(help="Keep half-precision floats: larger, to compare with.")] = False,
    watched: Annotated[int, typer.Option(help="Passages from which the scales are taken.")] = WATCHED,
) -> None:
    """Export a trained network."""
    out.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(f"{find_weights(DEFAULT)}/tokenizer.json")
    tokenizer.no_truncation()
    tokenizer.no_padding()
    graph, first, none = _traced(network, full=full)
    if not full:
        examples = list(read_essays(development=False))
        graph = _quantised(graph, tokenizer, random.Random(0).sample(examples, watched))
    save_graph(graph, out / "model.xml")
    tokenizer.save(str(out / "tokenizer.json"))
    info = {
        "question_tokens": QUESTION_TOKENS,
        "claim_tokens": CLAIM_TOKENS,
        "title_tokens": TITLE_TOKENS,
        "max_tokens": MAX_TOKENS,
        "start": tokenizer.token_to_id("[CLS]"),
        "end": tokenizer.token_to_id("[SEP]"),
        "unmarked": sorted(unmarked(tokenizer)),
        "first": first,
        "none": none,
    }
    (out / "reader.json").write_text(json.dumps(info) + "\n", encoding="utf-8")


def _traced(path: Path, *, full: bool) -> tuple[Any, list[float], float]:
    """Return the graph, and the weights that are outside of it: of the first look, and what to reach."""
    import openvino
    import torch

    from eval.training.network import load

    network = load(path)
    if not full:
        network.encoder.embeddings.word_embeddings = packed(network.encoder.embeddings.word_embeddings.weight.detach())
    example = torch.ones((2, 16), dtype=torch.int64)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of branches on shapes, which this model does not take
        graph = openvino.convert_model(network.eval(), example_input=(example, example, example))
    return graph, network.first.tolist(), float(network.none.detach())


def packed(vectors: Any) -> Any:
    """Return an embedding with word vectors of shape (words, width) in 4 bits, two numbers to a byte.

    Each run of `GROUP` numbers has its own lowest value and step. Only the bytes of the words at hand are unpacked.
    """
    import torch

    class Packed(torch.nn.Module):
        bytes: torch.Tensor
        lowest: torch.Tensor
        step: torch.Tensor

        def __init__(self) -> None:
            super().__init__()
            groups = vectors.view(len(vectors), -1, GROUP)
            lowest = groups.amin(-1, keepdim=True)
            step = ((groups.amax(-1, keepdim=True) - lowest) / 15).clamp_min(1e-8)
            whole = ((groups - lowest) / step).round().to(torch.uint8).view(len(vectors), -1)
            low, high = whole.chunk(2, -1)
            self.register_buffer("bytes", low | (high << 4))
            self.register_buffer("lowest", lowest[..., 0].contiguous())
            self.register_buffer("step", step[..., 0].contiguous())

        def forward(self, ids: Any) -> Any:
            both = self.bytes[ids].float()
            high = (both / 16).floor()
            whole = torch.cat([both - 16 * high, high], -1).view(*ids.shape, -1, GROUP)
            return (whole * self.step[ids].unsqueeze(-1) + self.lowest[ids].unsqueeze(-1)).view(*ids.shape, -1)

    return Packed()


def _quantised(graph: Any, tokenizer: Tokenizer, examples: list[Example]) -> Any:
    """Return the graph with int8 numbers, their scales such as these examples need."""
    import nncf

    return nncf.quantize(
        graph,
        nncf.Dataset([_inputs(example, tokenizer) for example in examples]),
        subset_size=len(examples),
        model_type=nncf.ModelType.TRANSFORMER,
        preset=nncf.QuantizationPreset.PERFORMANCE,
    )


def _inputs(example: Example, tokenizer: Tokenizer) -> list[NDArray[np.int64]]:
    """Return what the graph is given of an example: tokens, mask and types, each of shape (1, tokens)."""
    asked, text = (
        tokenizer.encode(part, add_special_tokens=False).ids
        for part in (example.question, f"{example.title}. {' '.join(example.sentences)}")
    )
    start, end = (tokenizer.token_to_id(mark) or 0 for mark in ("[CLS]", "[SEP]"))
    head = [start, *asked[:QUESTION_TOKENS], end]
    ids = [*head, *text, end][:MAX_TOKENS]
    types = token_types(ids, len(head), unmarked(tokenizer))
    return [np.array([row], np.int64) for row in (ids, [1] * len(ids), types)]


if __name__ == "__main__":
    typer.run(main)
