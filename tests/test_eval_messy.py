"""The measure of messy files: what it counts as read, refused, unknown, and that it survives a hang and a crash."""

from __future__ import annotations

import os
import signal
import time
import zipfile
from pathlib import Path

import pytest

from eval.reading import messy


def test_every_file_has_an_outcome(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The ferry is slow.")
    (tmp_path / "b.txt").write_text(" ")
    (tmp_path / "c.json").write_text("{}")
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        archive.writestr("e.csv", "Port,Cars\nLeith,5\n")
        archive.writestr("f.xyz", "?")
    outcomes = messy.measure(tmp_path)
    assert [(item.name, item.what) for item in outcomes] == [
        ("a.txt", "read"),
        ("b.txt", "refused"),
        ("c.json", "unknown"),
        ("d.zip", "read"),
        ("d.zip/e.csv", "read"),
        ("d.zip/f.xyz", "unknown"),
    ]
    told = messy.report(outcomes)
    assert "refused  b.txt  b.txt: is empty." in told
    assert told.endswith("read 3, refused 1, unknown 2")


def test_a_hang_a_crash_and_an_error_cost_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("crash", "error", "hang"):
        (tmp_path / f"{name}.txt").write_text("words")

    def fail(path: Path) -> None:
        if path.stem == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        if path.stem == "hang":
            time.sleep(60)
        raise ValueError("a slip")

    monkeypatch.setattr(messy, "read", fail)  # the child process is forked, so that it fails there
    outcomes = messy.measure(tmp_path, timeout=5)
    assert [item.what for item in outcomes] == ["crash", "error", "hang"]
    assert "ValueError: a slip" in outcomes[1].detail
