"""A trained network becomes a folder of weights: `python -m eval.training.export NETWORK_PT OUT_DIR`.

The graph is traced to OpenVINO with its large matrices in int8, one scale for each row, and needs no torch to run.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from tokenizers import Tokenizer

from eval.training.batches import QUESTION_TOKENS, unmarked
from index.embed import DEFAULT, find_weights
from index.graphs import save_graph

TITLE_TOKENS = 24
MAX_TOKENS = 400
LARGE = 10_000
"""Numbers of a matrix from which on it is worth storing in int8."""


def main(
    network: Annotated[Path, typer.Argument(help="The file that training wrote.")],
    out: Annotated[Path, typer.Argument(help="Folder for model.xml, model.bin, tokenizer.json and reader.json.")],
    full: Annotated[bool, typer.Option(help="Keep half-precision floats: larger, to compare with.")] = False,
) -> None:
    """Export a trained network."""
    out.mkdir(parents=True, exist_ok=True)
    graph, first, none = _traced(network)
    if not full:
        _quantise(graph)
    save_graph(graph, out / "model.xml")
    tokenizer = Tokenizer.from_file(f"{find_weights(DEFAULT)}/tokenizer.json")
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.save(str(out / "tokenizer.json"))
    info = {
        "base": "sentence-transformers/all-MiniLM-L6-v2",
        "question_tokens": QUESTION_TOKENS,
        "title_tokens": TITLE_TOKENS,
        "max_tokens": MAX_TOKENS,
        "start": tokenizer.token_to_id("[CLS]"),
        "end": tokenizer.token_to_id("[SEP]"),
        "unmarked": sorted(unmarked(tokenizer)),
        "first": first,
        "none": none,
    }
    (out / "reader.json").write_text(json.dumps(info) + "\n", encoding="utf-8")


def _traced(path: Path) -> tuple[Any, list[float], float]:
    """Return the graph, and the weights that are outside of it: of the first look, and what to reach."""
    import openvino
    import torch

    from eval.training.network import Network

    network = Network(find_weights(DEFAULT) or "")
    network.load_state_dict(torch.load(path, weights_only=True))
    example = torch.ones((2, 16), dtype=torch.int64)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of branches on shapes, which this model does not take
        graph = openvino.convert_model(network.eval(), example_input=(example, example, example))
    return graph, network.first.tolist(), float(network.none.detach())


def _quantise(graph: Any) -> None:
    """Put int8 numbers and a scale for each row in the place of every large matrix."""
    from openvino import opset13 as opset

    for node in graph.get_ordered_ops():
        if node.get_type_name() != "Constant" or len(node.shape) != 2 or np.prod(node.shape) < LARGE:
            continue
        values = np.asarray(node.data, np.float32)
        scales = np.maximum(np.abs(values).max(axis=1, keepdims=True), 1e-8) / 127
        small = opset.constant(np.round(values / scales).astype(np.int8))
        large = opset.multiply(opset.convert(small, "f32"), opset.constant(scales.astype(np.float32)))
        for target in node.output(0).get_target_inputs():
            target.replace_source_output(large.output(0))


if __name__ == "__main__":
    typer.run(main)
