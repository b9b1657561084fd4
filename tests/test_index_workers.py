"""Worker processes: what a file does to its reader costs that file alone, and is told."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from index.types import Parsed, Part
from index.worker import Replies
from index.workers import Limits, Workers

TEXT = "The ferry to Lorn sails at nine. It carries forty cars."


def _always(_: Path) -> bool:
    return True


def _problems(paths: list[Path], limits: Limits) -> list[str]:
    with Workers(limits, 1) as workers:
        found = [parsed for _, parsed in workers.map(paths, _always)]
    return [parsed.parts[0].problem for parsed in found if parsed]


def _write(folder: Path, name: str, text: str = TEXT) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_files_come_back_in_order_with_their_sentences(tmp_path: Path) -> None:
    paths = [_write(tmp_path, f"{number}.txt", f"Sailing number {number} was late. {TEXT}") for number in range(12)]
    with Workers(Limits(), 3) as workers:
        found = list(workers.map(paths, lambda path: path.stem != "5"))
    assert [path for path, _ in found] == paths
    assert [path.stem for path, parsed in found if parsed is None] == ["5"]
    for path, parsed in found:
        if parsed:
            (part,) = parsed.parts
            assert part.document is not None
            first = part.sentences[0]
            assert part.document.text[first.start : first.end] == f"Sailing number {path.stem} was late."


# A reader that a document sends astray is not to be had by asking: this one stands in for it, in a real worker.
ASTRAY = """
import sys, index.parse
def parse(path, max_bytes, parse=index.parse.parse):
    if "astray" in path.name:
        {deed}
    return parse(path, max_bytes)
index.parse.parse = parse
"""


def _astray(folder: Path, monkeypatch: pytest.MonkeyPatch, deed: str) -> list[Path]:
    """Let workers do a deed when they read a file called astray, between two good ones."""
    (folder / "sitecustomize.py").write_text(ASTRAY.format(deed=deed))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(folder), os.environ.get("PYTHONPATH", ""))))
    return [_write(folder, name) for name in ("before.txt", "astray.txt", "after.txt")]


@pytest.mark.parametrize(
    ("deed", "told"),
    [
        ("while True: pass", "took longer than 2 s to read. Divide the file, or raise 'read_seconds'."),
        ("import os; os.abort()", "the reader crashed on it (SIGABRT"),
        ("import ctypes; ctypes.string_at(0)", "the reader crashed on it (SIGSEGV"),
        ("hoard = [bytearray(1 << 24) for _ in range(200)]", "needs more than 512 MB of memory"),
        ("import os; os.write(2, b'memory allocation of 9 bytes failed'); os.abort()", "needs more than 512 MB"),
        ("raise IndexError('no such cell')", "exit code 1: IndexError: no such cell"),
        ("import socket; socket.create_connection(('127.0.0.1', 9))", "a reader may not do socket."),
        ("import subprocess; subprocess.run(['true'])", "a reader may not do subprocess.Popen"),
        ("import os; os.system('true')", "a reader may not do os.system"),
        ("return iter([print])", "the reader crashed on it"),
        ("return iter([5])", "the reader crashed on it"),
    ],
    ids="endless abort segfault memory native-memory bug socket program shell reply no-part".split(),
)
@pytest.mark.skipif(sys.platform == "win32", reason="signals and limits are those of POSIX")
def test_a_file_that_sends_its_reader_astray_costs_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deed: str, told: str
) -> None:
    paths = _astray(tmp_path, monkeypatch, deed)
    began = time.monotonic()
    before, astray, after = _problems(paths, Limits(seconds=2, memory_mb=512))
    assert (before, after) == ("", "")
    assert astray.startswith("astray.txt: ")
    assert told in astray
    assert time.monotonic() - began < 20


@pytest.mark.skipif(sys.platform == "win32", reason="signals and limits are those of POSIX")
def test_what_was_read_of_an_archive_before_its_reader_failed_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import index.parse\n"
        "def read_bytes(data, name, read=index.parse.read_bytes):\n"
        "    while name == 'endless.txt': pass\n"
        "    return read(data, name)\n"
        "index.parse.read_bytes = read_bytes\n"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), os.environ.get("PYTHONPATH", ""))))
    with zipfile.ZipFile(tmp_path / "papers.zip", "w") as archive:
        for name in ("first.txt", "endless.txt", "last.txt"):
            archive.writestr(name, TEXT)
    with Workers(Limits(seconds=1), 1) as workers:
        ((_, parsed),) = workers.map([tmp_path / "papers.zip"], _always)
    assert parsed is not None
    first, failed = parsed.parts
    assert first.source.endswith("papers.zip/first.txt") and first.document
    assert "papers.zip: took longer than 1 s" in failed.problem and failed.problem.endswith("1 were read before.")


def test_a_reply_makes_objects_of_our_data_and_of_nothing_else() -> None:
    parsed = Parsed("1", (Part("a.txt", problem="gone"),))
    assert Replies(io.BytesIO(pickle.dumps(parsed))).load() == parsed
    for hostile in (
        b"cos\nsystem\n(S'true'\ntR.",
        b"cindex.types\nPath\n(S'x'\ntR.",
        b"cindex.parse\nclean\n)R.",
        b"cindex.types\ndataclass\n)R.",
    ):
        with pytest.raises(pickle.UnpicklingError, match="a reply holds"):
            Replies(io.BytesIO(hostile)).load()


def test_a_folder_called_index_where_the_user_stands_is_not_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "worker.py").write_text("raise SystemExit('taken over')")
    monkeypatch.chdir(tmp_path)
    assert _problems([_write(tmp_path, "a.txt")], Limits()) == [""]


def test_no_process_outlives_its_workers(tmp_path: Path) -> None:
    with Workers(Limits(), 2) as workers:
        assert len(list(workers.map([_write(tmp_path, "a.txt"), _write(tmp_path, "b.txt")], _always))) == 2
        processes = [worker._process for worker in workers._all]
    assert processes
    assert all(process is not None and process.returncode is not None for process in processes)


def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    _write(tmp_path, "a.txt")
    program = (
        "import os, sys; from pathlib import Path; from index.workers import Limits, Workers\n"
        "workers = Workers(Limits(), 1)\n"
        f"list(workers.map([Path({str(tmp_path / 'a.txt')!r})], lambda _: True))\n"
        "print(workers._all[0]._process.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=False)
    worker = int(done.stdout)
    for _ in range(50):
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{worker}/stat").exists() and " Z " in Path(f"/proc/{worker}/stat").read_text():
            return
        time.sleep(0.1)
    raise AssertionError("the worker lives on")
