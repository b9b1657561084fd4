"""Graphs of models, compiled by OpenVINO for this machine's CPU, one at a time."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openvino import CompiledModel, Model

_one_at_a_time = Lock()
"""Held while a graph is read or written. The engine puts the process into the locale "C" meanwhile and then back into
the one it found; of two at once, one finds "C", and the process stays in it."""


def compile_graph(path: Path, options: dict[str, str], cache: Path | None = None) -> CompiledModel:
    """Compile a graph for the CPU, in bfloat16 where the CPU has it.

    Args:
        path: the graph, `model.xml`.
        options: what the engine is to be told beyond that, as OpenVINO's CPU properties.
        cache: folder in which the compiled graph is kept for the next time.

    Raises:
        RuntimeError: from OpenVINO, when the graph cannot be read.
    """
    import openvino

    core = openvino.Core()
    given = dict(options)
    if cache is not None:
        given["CACHE_DIR"] = str(cache)
    if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        given["INFERENCE_PRECISION_HINT"] = "bf16"
    with _one_at_a_time:
        return core.compile_model(str(path), "CPU", given)  # a path, no graph: the cache spares reading it


def save_graph(graph: Model, path: Path) -> None:
    """Write a graph, its weights as float16, to `path` and a file of weights beside it."""
    import openvino

    with _one_at_a_time:
        openvino.save_model(graph, str(path), compress_to_fp16=True)
