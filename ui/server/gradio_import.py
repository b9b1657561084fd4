"""Gradio is imported in half the time: without the stubs that it writes for editors each time that it is.

For each of its components gradio parses two files and writes one beside itself (`gradio.component_meta`, 6.31). It
leaves that out where a class has no file, which is what it is told here while it is imported.
"""

from __future__ import annotations

import inspect
import os
import sys


def import_gradio() -> None:
    """Import gradio, if it is not imported yet."""
    if "gradio" in sys.modules:
        return
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # gradio reads it while it is imported
    getfile = inspect.getfile

    def none_of_gradio(of: object) -> str:
        if str(getattr(of, "__module__", "")).startswith("gradio."):
            raise OSError("not while it is imported")
        return getfile(of)  # type: ignore[arg-type]

    inspect.getfile = none_of_gradio  # type: ignore[assignment]
    try:
        import gradio  # noqa: F401
    finally:
        inspect.getfile = getfile
