"""`rag serve` and `rag ui` as they are started: soon ready, on this machine alone, and ended as a user ends them."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.conftest import Rag

ROOT = Path(__file__).parent.parent
KINDS = ("sh", "python", "text")
"""The code of the README's part on the API: commands, a program, and what it prints."""


@contextmanager
def started(home: Path, *arguments: str) -> Iterator[httpx.Client]:
    """Start a server of a home on a free port, and stop it as a user does."""
    program = Path(sys.executable).parent / "rag"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("RAG_", "OPENAI_"))}
    with subprocess.Popen(
        [str(program), *arguments, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment | {"RAG_HOME": str(home), "COLUMNS": "200"},
    ) as process:
        assert process.stdout and process.stderr
        said = process.stdout.readline()
        assert "http://127.0.0.1:" in said, process.stderr.read()
        url = said.split("http://127.0.0.1:")[1].split("/")[0]
        with httpx.Client(base_url=f"http://127.0.0.1:{url}", timeout=30) as client:
            yield client
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
        assert process.stderr.read() == ""


def test_the_api_is_served_without_the_page_and_without_gradio(filled_home: Path) -> None:
    with started(filled_home, "serve") as client:
        end = time.monotonic() + 60
        while not client.get("/api/v1/ready").is_success and time.monotonic() < end:
            time.sleep(0.05)
        body = {"question": "How many loaves does the bakery sell a day?"}
        assert "300 loaves" in client.post("/api/v1/ask", json=body).json()["answer"]
        assert client.get("/").status_code == 404
    loaded = "import sys, ui.api; sys.exit('gradio' in sys.modules or 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded], check=False).returncode == 0


def test_other_machines_are_served_only_with_a_token(filled: Rag) -> None:
    for command in ("serve", "ui"):
        done = filled(command, "--host", "0.0.0.0", "--port", "0")
        assert (done.returncode, done.stdout) == (2, "") and "set RAG_API_TOKEN" in done.stderr
    short = filled("serve", "--host", "0.0.0.0", RAG_API_TOKEN="secret")
    assert short.returncode == 2 and "api_token" in short.stderr and "secret" not in short.stderr


def test_what_the_readme_says_of_the_api(rag: Rag, tmp_path: Path) -> None:
    if not shutil.which("curl"):
        pytest.skip("curl is not there: apt-get install curl")
    part = (ROOT / "README.md").read_text(encoding="utf-8").split("### The API")[1].split("\n### ")[0]
    commands, code, printed = (re.findall(rf"```{kind}\n(.*?)```", part, re.DOTALL)[0] for kind in KINDS)
    (tmp_path / "report.txt").write_text("The mill of Lorn burnt down in 1801.", encoding="utf-8")
    documents = tmp_path / "documents"
    documents.mkdir()
    shutil.copy(ROOT / "eval/sets/eurasia/documents/08-side-by-side-not-bound.html", documents)
    assert rag("sync", str(documents)).returncode == 0

    def done(*command: str) -> str:
        ran = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=tmp_path, check=True, timeout=60)
        return ran.stdout

    with started(tmp_path / "home", "serve") as client:
        here = f"127.0.0.1:{client.base_url.port}"
        asked, streamed, added = (
            done("curl", "-sS", *shlex.split(line)[1:])
            for line in commands.replace("127.0.0.1:7860", here).splitlines()
        )
        assert json.loads(asked)["status"] == "answered"
        assert streamed.startswith("event: stage\n") and "\nevent: answer\n" in streamed
        assert json.loads(added)[0]["outcome"] == "added"
        told = done(sys.executable, "-c", code.replace("127.0.0.1:7860", here))
        assert told.split() == printed.split()


@pytest.mark.parametrize("port", ["70000", "http"])
def test_a_port_that_is_none_is_told(filled: Rag, port: str) -> None:
    assert filled("serve", "--port", port).returncode == 2


def test_the_page_keeps_settings_in_the_file_that_was_named(filled_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "named.toml"
    file.write_text("passages = 4\n")
    with started(filled_home, "ui", "--config", str(file)) as client:
        assert str(file) in client.get("/config").text
