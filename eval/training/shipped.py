"""Turn exported weights back into a network to be trained on: `python -m eval.training.shipped FOLDER NETWORK_PT`.

What ships is rounded to eight bits, and word vectors to four; training goes on from there as from the floats that they
came from. Word vectors, which training holds, are those that the rounding left.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from torch import Tensor

from eval.training.export import GROUP
from eval.training.network import Network, of_weights

Floats = NDArray[np.float32]
WORDS = "encoder.embeddings.word_embeddings"


def main(
    folder: Annotated[Path, typer.Argument(help="What eval.training.export wrote: rag/weights, say.")],
    out: Annotated[Path, typer.Argument(help="The file to write.")],
) -> None:
    """Write exported weights as a network that training goes on from."""
    torch.save(network_of(folder).state_dict(), out)


def network_of(folder: Path) -> Network:
    """Return the network of an exported folder.

    Raises:
        RuntimeError: when the graph is not one that `eval.training.export` writes.
    """
    info = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
    outside = {"first": torch.tensor(info["first"]), "none": torch.tensor(info["none"])}
    return of_weights(_weights(folder / "model.xml") | outside)


def _weights(path: Path) -> dict[str, Tensor]:
    """Return the weights of a graph by their names in the network."""
    import openvino

    found: dict[str, Floats] = {}
    packed: list[Floats] = []
    for node in openvino.Core().read_model(str(path)).get_ordered_ops():
        module, _, operation = node.get_friendly_name().removeprefix("__module.").partition("/")
        if operation == "aten::linear/MatMul":
            # What goes in is scaled so that it rounds better, and the weight the other way.
            found[f"{module}.weight"] = _constant(_input(node, 1)) * _scale(_input(node, 0))
        elif operation in ("aten::linear/Add", "aten::layer_norm/Add"):
            found[f"{module}.bias"] = _beside(node).reshape(-1)
        elif operation == "aten::layer_norm/Multiply_1":
            found[f"{module}.weight"] = _beside(node).reshape(-1)
        elif operation == "aten::embedding/Gather":
            found[f"{module}.weight"] = _constant(_input(node, 0))
        elif module == WORDS and node.get_type_name() == "Gather":
            packed.append(_constant(_input(node, 0)))
    found[f"{WORDS}.weight"] = _unpacked(*packed)
    return {name: torch.tensor(np.ascontiguousarray(value)) for name, value in found.items()}


def _input(node: Any, number: int) -> Any:
    return node.input(number).get_source_output().get_node()


def _constant(node: Any) -> Floats:
    """Return what a node comes to that is made of constants alone."""
    kind = node.get_type_name()
    if kind == "Constant":
        return np.asarray(node.data, np.float32)
    if kind in ("Convert", "Reshape"):
        value = _constant(_input(node, 0))
        return value if kind == "Convert" else value.reshape(list(node.output(0).shape))
    if kind in ("Multiply", "Subtract"):
        one, other = _constant(_input(node, 0)), _constant(_input(node, 1))
        return one * other if kind == "Multiply" else one - other
    raise RuntimeError(f"{node.get_friendly_name()} is a {kind}: not a graph that eval.training.export writes")


def _beside(node: Any) -> Floats:
    """Return the constant that a node adds or multiplies by."""
    sides = [_input(node, number) for number in (0, 1)]
    return _constant(next(side for side in sides if side.get_type_name() in ("Constant", "Convert")))


def _scale(node: Any) -> Floats:
    """Return by what the input of a multiplication was scaled before it was rounded; 1 if by nothing."""
    while node.get_type_name() == "FakeQuantize":
        node = _input(node, 0)
    scaled = node.get_friendly_name().endswith("/nncf_smooth_quant")
    return _beside(node).reshape(1, -1) if scaled else np.ones((1, 1), np.float32)


def _unpacked(packed: Floats, step: Floats, lowest: Floats) -> Floats:
    """Return word vectors as `eval.training.export.packed` gives them."""
    high = np.floor(packed / 16)
    whole = np.concatenate([packed - 16 * high, high], -1).reshape(len(packed), -1, GROUP)
    return (whole * step[..., None] + lowest[..., None]).reshape(len(packed), -1)


if __name__ == "__main__":
    typer.run(main)
