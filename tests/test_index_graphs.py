"""Compiling graphs leaves the process as it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from index.embed import Embedder
from rag.reader import SHIPPED


def test_threads_that_compile_leave_the_locale_alone(embedder: Embedder, models_folder: Path, tmp_path: Path) -> None:
    # In a process of its own, and several times, as before the lock about one in two ended in the locale "C".
    embedder.encode_query("compiled once")
    graphs = [*models_folder.glob("*/model.xml"), SHIPPED / "model.xml"]
    program = f"""
import locale
from pathlib import Path
from threading import Thread
from index.graphs import compile_graph

before = locale.setlocale(locale.LC_ALL)
for _ in range(3):
    graphs = map(Path, {[*map(str, graphs)]})
    threads = [Thread(target=compile_graph, args=(graph, {{}}, Path({str(tmp_path)!r}))) for graph in graphs]
    [t.start() for t in threads]
    [t.join() for t in threads]
assert locale.setlocale(locale.LC_ALL) == before, locale.setlocale(locale.LC_ALL)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=100)
