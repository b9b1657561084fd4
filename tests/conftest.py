"""What several tests share: one traced embedder, a small library of our own, and the network switched off."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.embed import DEFAULT, Embedder, open_embedder
from index.library import Library

# The suite is offline whatever the machine: a model that is not there must fail, not be fetched.
os.environ["HF_HUB_OFFLINE"] = "1"

DOCUMENTS = {
    "harbour.md": """---
title: The harbour report
author: Ines Falk
date: 2014-03-02
---
# The harbour

The harbour of Lorn handled 4.2 million tons of cargo in 2013. Its director, Piet Aldous, said that the new crane had
paid for itself within eighteen months. The town council rejected a second terminal in November 2013.

# Fishing

Nine trawlers still work from Lorn. Herring made up 60 per cent of the catch, and cod less than a tenth.
""",
    "harbour-later.txt": """Lorn revisited

By Tomas Brandt

14 June 2019

The harbour of Lorn handled 6.8 million tons in 2018. A second terminal opened in May 2018 after a long dispute.
Brandt found that only four trawlers were left. The fish market closed in 2017, because the herring had moved north.
""",
    "bakery.txt": """A note on bread

Sourdough needs two things: flour and patience. The bakery on Mill Lane sells 300 loaves a day.
""",
}


LONG = ("test_ui_", "test_offline", "test_rag_end_to_end", "test_readme", "test_rag_cli")
"""How the names of the modules begin that take longest: begun last, one of them would be waited for alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the modules that take longest first."""
    items.sort(key=lambda item: not item.path.name.startswith(LONG))


class NoNetwork(AssertionError):
    """A test tried to reach a host other than this machine."""


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail a test that opens a connection to any host but this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0]) if isinstance(address, tuple) else str(address)
            if not (host.startswith("127.") or host in {"localhost", "::1"}):
                raise NoNetwork(f"a connection to {address} was tried")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def models_folder(pytestconfig: pytest.Config) -> Path:
    """Return a folder of traced embedders that outlives the session, as tracing takes some seconds."""
    return Path(pytestconfig.cache.mkdir("models"))


@pytest.fixture(scope="session")
def embedder(models_folder: Path) -> Embedder:
    """Return the real default embedder."""
    made = open_embedder(DEFAULT, models_folder)
    assert made.dimension == 384
    return made


def write_documents(folder: Path) -> Path:
    """Write the three small documents into a folder."""
    folder.mkdir()
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """Return a folder of three small documents of our own."""
    return write_documents(tmp_path / "documents")


@pytest.fixture
def library(tmp_path: Path, documents: Path, embedder: Embedder) -> Iterator[Library]:
    """Return a library of the three documents."""
    made = Library(tmp_path / "library", embedder)
    assert not made.add([documents]).failed
    yield made
    made.close()


Rag = Callable[..., "subprocess.CompletedProcess[str]"]


def _rag_in(home: Path, folder: Path) -> Rag:
    program = Path(sys.executable).parent / "rag"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAG_", "OPENAI_"))}

    def run(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(program), *arguments],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            cwd=folder,
            env=kept | {"RAG_HOME": str(home), "COLUMNS": "200"} | environment,
            check=False,
        )

    return run


@pytest.fixture
def rag(tmp_path: Path, models_folder: Path, embedder: Embedder) -> Rag:
    """Return a function that runs `rag` in a process of its own, with a home of its own that holds no library."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "models").symlink_to(models_folder, target_is_directory=True)
    return _rag_in(home, tmp_path)


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory, models_folder: Path, embedder: Embedder) -> Path:
    """Return a home with a library of the three documents, as `rag sync` makes it; to be copied, not changed."""
    folder = tmp_path_factory.mktemp("filled")
    home = folder / "home"
    home.mkdir()
    (home / "models").symlink_to(models_folder, target_is_directory=True)
    done = _rag_in(home, folder)("sync", str(write_documents(folder / "documents")))
    assert (done.returncode, done.stdout) == (0, "3 added\n"), done.stderr
    return home


@pytest.fixture
def filled(tmp_path: Path, filled_home: Path) -> Rag:
    """Return a function that runs `rag` with a library of the three documents of its own."""
    home = tmp_path / "home"
    shutil.copytree(filled_home, home, symlinks=True)
    return _rag_in(home, tmp_path)
