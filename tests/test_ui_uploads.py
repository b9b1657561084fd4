from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.documents.uploads import discard, keep, safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\secret.txt", "secret.txt"),
        ("C:\\Users\\me\\a.docx", "a.docx"),
        ("/", "document"),
        ("..", "document"),
        (".bashrc", "bashrc"),
        ("..txt", "txt"),
        ("a\0b\n.txt", "a_b_.txt"),
        ("<img src=x>.txt", "_img src=x_.txt"),
        ("CON.txt", "_CON.txt"),
        ("Bericht über Öl.md", "Bericht über Öl.md"),
        ("archive.tar.gz", "archive.tar.gz"),
        ("x" * 300 + ".txt", "x" * 117 + ".txt"),
    ],
)
def test_a_name_leads_nowhere_else(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(max_size=300))
def test_any_name_is_a_plain_file_name(name: str) -> None:
    safe = safe_name(name)
    assert safe not in ("", ".", "..") and not safe.startswith(".")
    assert not set(safe) & set('/\\\0<>:"|?*') and len(safe) <= 132
    assert safe_name(safe) == safe


def test_files_of_one_name_are_both_kept(tmp_path: Path) -> None:
    kept = []
    for number, text in enumerate(("one", "two", "one", "two")):
        file = tmp_path / str(number) / "a.txt"
        file.parent.mkdir()
        file.write_text(text)
        kept.append(keep(file, tmp_path / "kept"))
    assert [path.name for path in kept] == ["a.txt", "a (2).txt", "a.txt", "a (2).txt"]
    assert [path.read_text() for path in kept] == ["one", "two", "one", "two"]


def test_a_folder_or_link_in_the_way_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kept" / "a.txt").mkdir(parents=True)
    (tmp_path / "kept" / "a (2).txt").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "a.txt").write_text("one")
    assert keep(tmp_path / "a.txt", tmp_path / "kept").name == "a (3).txt"
    assert not (tmp_path / "elsewhere").exists()


def test_only_kept_files_are_discarded(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    inside, outside = kept / "a.txt", tmp_path / "b.txt"
    inside.write_text("a")
    outside.write_text("b")
    discard([inside, outside, kept / ".." / "b.txt", kept / "gone.txt"], kept)
    assert not inside.exists() and outside.exists()
