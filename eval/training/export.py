"""A trained network becomes a folder of weights: `python -m eval.training.export NETWORK_PT OUT_DIR`.

The graph is traced to OpenVINO with its large matrices in int8, one scale for each row, and needs no torch to run.
"""

from __future__ import annotations

import json
import shutil
import warnings
from pathlib import Path
from typing import Annotated, Any

import typer

from eval.training.batches import QUESTION_TOKENS
from index.embed import DEFAULT, find_weights

TITLE_TOKENS = 24
MAX_TOKENS = 400


def main(
    network: Annotated[Path, typer.Argument(help="The file that training wrote.")],
    out: Annotated[Path, typer.Argument(help="Folder for model.xml, model.bin, tokenizer.json and reader.json.")],
    full: Annotated[bool, typer.Option(help="Keep half-precision floats: larger, to compare with.")] = False,
) -> None:
    """Export a trained network."""
    import openvino

    out.mkdir(parents=True, exist_ok=True)
    graph = _traced(network)
    if not full:
        import nncf

        graph = nncf.compress_weights(graph, mode=nncf.CompressWeightsMode.INT8_SYM)
    openvino.save_model(graph, str(out / "model.xml"), compress_to_fp16=True)
    shutil.copy(Path(find_weights(DEFAULT) or "") / "tokenizer.json", out / "tokenizer.json")
    info = {
        "base": "sentence-transformers/all-MiniLM-L6-v2",
        "question_tokens": QUESTION_TOKENS,
        "title_tokens": TITLE_TOKENS,
        "max_tokens": MAX_TOKENS,
    }
    (out / "reader.json").write_text(json.dumps(info, indent=1) + "\n", encoding="utf-8")


def _traced(path: Path) -> Any:  # noqa: ANN401 (openvino.Model, imported late)
    import openvino
    import torch

    from eval.training.network import Network

    network = Network(find_weights(DEFAULT) or "")
    network.load_state_dict(torch.load(path, weights_only=True))
    example = torch.ones((2, 16), dtype=torch.int64)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of branches on shapes, which this model does not take
        return openvino.convert_model(network.eval(), example_input=(example, example, example))


if __name__ == "__main__":
    typer.run(main)
