"""Offline means offline: with the default settings no socket is opened, from the first document to the answer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import write_documents

WATCHED = """
import sys
opened = []
def watch(event, arguments):
    if event in ("socket.__new__", "socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        family = arguments[1] if event == "socket.__new__" else None
        if event != "socket.__new__" or int(family) in (2, 10):
            opened.append((event, str(arguments)))
sys.addaudithook(watch)
from rag.cli import main
code = 0
try:
    main()
except SystemExit as stop:
    code = stop.code
assert not opened, opened
sys.exit(code)
"""
STEPS = (
    ["sync", "documents"],
    ["ask", "How much cargo did the harbour of Lorn handle in 2013?"],
    ["ask", "How much cargo did the harbour of Lorn handle in 2013?", "--model", "gguf:package"],
    ["status"],
    ["models"],
)


def _environment(folder: Path) -> dict[str, str]:
    # Nothing of this machine's: no cache of a hub, no consent to telemetry, no switch that forbids the network.
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"HOME": str(folder), "RAG_HOME": str(folder / "home")}


def test_no_socket_is_opened_from_the_first_document_to_the_answer(tmp_path: Path) -> None:
    """Also not while the embedding model is traced, which the first step does in this new home."""
    write_documents(tmp_path / "documents")
    for step in STEPS:
        done = subprocess.run(
            [sys.executable, "-c", WATCHED, *step],
            cwd=tmp_path,
            env=_environment(tmp_path),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, (step, done.stderr[-2000:])


def test_the_watch_sees_a_socket(tmp_path: Path) -> None:
    code = WATCHED.replace("from rag.cli import main", "import socket\ndef main(): socket.socket()")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode != 0


def test_all_works_where_there_is_no_network_at_all(tmp_path: Path, filled_home: Path) -> None:
    """In a network namespace of its own not even native code can reach anything."""
    apart = ["unshare", "--user", "--map-root-user", "--net"]
    if not shutil.which("unshare") or subprocess.run([*apart, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine makes no network namespaces")
    shutil.copytree(filled_home, tmp_path / "home", symlinks=True)
    program = str(Path(sys.executable).parent / "rag")
    for step in STEPS[1:3]:
        done = subprocess.run(
            [*apart, program, *step],
            cwd=tmp_path,
            env=_environment(tmp_path),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "4.2 million" in done.stdout
