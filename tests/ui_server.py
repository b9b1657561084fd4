"""The real app in a process of its own, and a real browser: what the tests of the page share."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync "
    "--no-first-run"
).split()


def needed() -> Any:
    """Return playwright's module; the tests of a module that calls this are left out where it or Chromium is not."""
    module = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not there: apt-get install chromium", allow_module_level=True)
    return module


@contextmanager
def launched() -> Iterator[Browser]:
    """Give a browser."""
    with needed().sync_playwright() as p:
        started = p.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield started
        started.close()


def written(folder: Path, documents: Mapping[str, str]) -> Path:
    """Write documents into a new folder, and return it."""
    folder.mkdir()
    for name, text in documents.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def begun(root: Path, script: str, arguments: Sequence[object]) -> tuple[subprocess.Popen[str], str]:
    """Start a script that serves the app and prints its address; what it complains of goes to `root/errors`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAG_", "OPENAI_"))}
    with (root / "errors").open("a") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", script, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
            env=kept | {"TMPDIR": str(root)},
            cwd=Path(__file__).parent.parent,
        )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    assert url, (root / "errors").read_text()
    return process, url


def ended(root: Path, process: subprocess.Popen[str]) -> None:
    """Stop a server as a user does; it ends well and has complained of nothing."""
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 0
    assert process.stdout is not None
    process.stdout.close()
    assert "Traceback" not in (root / "errors").read_text()


@contextmanager
def serving(root: Path, script: str, *arguments: object) -> Iterator[str]:
    """Serve the app by a script, and give its address."""
    process, url = begun(root, script, arguments)
    try:
        yield url
    except BaseException:
        process.kill()
        raise
    ended(root, process)
