"""Metadata that the user writes beside the documents: what holds for which file, and mistakes that cost themselves."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from index.sidecar import Sidecars, check_date
from index.types import Metadata

HEAD = "file,title,author,publisher,date,language\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with documents, one of them in a folder below."""
    (tmp_path / "reports").mkdir()
    for name in ("light.txt", "ice.pdf", "reports/quay.pdf", "reports/fleet.txt", "archive.zip"):
        (tmp_path / name).write_text("A text.")
    return tmp_path


def write(folder: Path, text: str | bytes, name: str = "metadata.csv") -> None:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())


def problems(sidecars: Sidecars, folder: Path) -> list[str]:
    return [str(problem).removeprefix(f"{folder}/") for problem in sidecars.problems()]


def test_a_row_describes_a_file(folder: Path) -> None:
    write(
        folder,
        HEAD + "light.txt,Light on a rock,Ingrid Solvang,Coast Review,2016-03-14,en\nice.pdf,,Peder Aas,,2015,\n",
    )
    sidecars = Sidecars()
    assert sidecars.of(folder / "light.txt", folder) == Metadata(
        "Light on a rock", "Ingrid Solvang", "Coast Review", "2016-03-14", "user", "en"
    )
    assert sidecars.of(folder / "ice.pdf", folder) == Metadata(author="Peder Aas", date="2015", date_basis="user")
    assert sidecars.of(folder / "reports" / "quay.pdf", folder) == Metadata()
    assert sidecars.problems() == []


@pytest.mark.parametrize(
    "table",
    [
        "File;TITLE;Pages;Authors;Date\nlight.txt;Light, on a rock;12;Ingrid Sölvang;14.03.2016\n".encode("utf-8-sig"),
        "file;title;author;date\nlight.txt;Light, on a rock;Ingrid Sölvang;14 March 2016\n".encode("cp1252"),
        "file\ttitle\tauthor\tdate\nlight.txt\tLight, on a rock\tIngrid Sölvang\t2016-03-14\n".encode("utf-16"),
        'Filename,title,author,date\r\n"light.txt","Light, on a rock",Ingrid Sölvang,14/3/2016\r\n'.encode(),
    ],
    ids=["semicolons", "cp1252", "tabs, UTF-16", "commas"],
)
def test_tables_as_programs_write_them(folder: Path, table: bytes) -> None:
    write(folder, table)
    sidecars = Sidecars()
    found = sidecars.of(folder / "light.txt", folder)
    assert (found.title, found.author, found.date) == ("Light, on a rock", "Ingrid Sölvang", "2016-03-14")
    assert sidecars.problems() == []


def test_tables_of_toml(folder: Path) -> None:
    write(
        folder,
        """[default]
publisher = "Skarv Museum"
language = "en"

["light.txt"]
title = "Light on a rock"
author = ["Ingrid Solvang", "Peder Aas"]
date = 2016-03-14

["reports/*.pdf"]
author = "Kari Moe"
date = 2015

["**/fleet.*"]
author = ""

["archive.zip/letters/a.txt"]
date = "2016-03"
""",
        "metadata.toml",
    )
    sidecars = Sidecars()
    light = sidecars.of(folder / "light.txt", folder)
    assert light == Metadata("Light on a rock", "Ingrid Solvang, Peder Aas", "Skarv Museum", "2016-03-14", "user", "en")
    quay = sidecars.of(folder / "reports" / "quay.pdf", folder)
    assert (quay.author, quay.publisher, quay.date) == ("Kari Moe", "Skarv Museum", "2015")
    member = sidecars.of(f"{folder}/archive.zip/letters/a.txt", folder)
    assert (member.publisher, member.date) == ("Skarv Museum", "2016-03")
    assert sidecars.of(folder / "reports" / "fleet.txt", folder).author == ""
    assert sidecars.of(folder / "ice.pdf", folder) == Metadata(publisher="Skarv Museum", language="en")
    assert sidecars.problems() == []


def test_what_is_nearer_goes_first(folder: Path) -> None:
    write(folder, HEAD + "reports/quay.pdf,From above,Above,,,\n*,,,Every file,,\nlight.txt,Of the table,,,,\n")
    write(folder / "reports", HEAD + "quay.pdf,From beside,,,,\n")
    write(folder, '["light.txt"]\ntitle = "Of the tables"\n', "metadata.toml")
    sidecars = Sidecars()
    quay = sidecars.of(folder / "reports" / "quay.pdf", folder)
    assert (quay.title, quay.author, quay.publisher) == ("From beside", "Above", "Every file")
    assert sidecars.of(folder / "light.txt", folder).title == "Of the tables"
    # Only below the folder that was added.
    assert sidecars.of(folder / "reports" / "quay.pdf", folder / "reports") == Metadata(title="From beside")
    assert sidecars.of(folder / "light.txt", folder / "light.txt").title == "Of the tables"


def test_an_empty_text_takes_a_value_away(folder: Path) -> None:
    write(folder, '["light.txt"]\nauthor = ""\ndate = ""\n', "metadata.toml")
    given = Sidecars().of(folder / "light.txt", folder)
    found = Metadata("Light", "Wrong Name", None, "2099", "file").overridden_by(given)
    assert found == Metadata("Light")


def test_a_date_and_its_basis_go_together() -> None:
    stated = Metadata(date="2016", date_basis="stated")
    assert stated.overridden_by(Metadata(title="Light")).date_basis == "stated"
    assert stated.overridden_by(Metadata(date="2015", date_basis="user")).date_basis == "user"


def test_names_are_compared_as_they_look(folder: Path) -> None:
    (folder / unicodedata.normalize("NFD", "fyrtårn.txt")).write_text("A text.")
    write(folder, HEAD + "fyrtårn.txt,Fyret,,,,\nreports\\quay.pdf,Kaien,,,,\n")
    sidecars = Sidecars()
    assert sidecars.of(folder / unicodedata.normalize("NFD", "fyrtårn.txt"), folder).title == "Fyret"
    assert sidecars.of(folder / "reports" / "quay.pdf", folder).title == "Kaien"
    assert sidecars.problems() == []


def test_a_changed_file_is_read_again(folder: Path) -> None:
    sidecars = Sidecars()
    assert sidecars.of(folder / "light.txt", folder) == Metadata()
    write(folder, HEAD + "light.txt,First,,,,\n")
    assert sidecars.of(folder / "light.txt", folder).title == "First"
    write(folder, HEAD + "light.txt,Other,,,,\n")
    os.utime(folder / "metadata.csv", ns=(1, 1))
    assert sidecars.of(folder / "light.txt", folder).title == "Other"
    (folder / "metadata.csv").unlink()
    assert sidecars.of(folder / "light.txt", folder) == Metadata()


# --- mistakes -------------------------------------------------------------------------------------


def test_a_mistake_costs_only_itself(folder: Path) -> None:
    rows = "light.txt,Light,,,May,\nice.pdf,Ice,,,3/4/2016,\nlihgt.txt,Typo,,,,\n,Nobody,,,,\nlight.txt,Twice,,,,\n"
    write(folder, HEAD + rows + 'reports/quay.pdf,"Two\nlines",,,2016-13-01,\nreports/fleet.txt,Fleet,,,31.2.2016,\n')
    sidecars = Sidecars()
    assert sidecars.of(folder / "light.txt", folder) == Metadata("Light")
    assert sidecars.of(folder / "ice.pdf", folder) == Metadata("Ice")
    assert sidecars.of(folder / "reports" / "quay.pdf", folder) == Metadata("Two lines")
    assert problems(sidecars, folder) == [
        "metadata.csv, line 2: 'May' is no date: write 2015-05-08, 2015-05 or 2015",
        "metadata.csv, line 3: '3/4/2016' can be 2016-03-04 or 2016-04-03: write the one that you mean",
        "metadata.csv, line 5: names no file: write one in the column 'file'",
        "metadata.csv, line 6: names 'light.txt' a second time: the first, in line 2, holds",
        "metadata.csv, line 7: '2016-13-01' is no date: write 2015-05-08, 2015-05 or 2015",
        "metadata.csv, line 9: '31.2.2016' is no date: write 2015-05-08, 2015-05 or 2015",
        "metadata.csv, line 4: there is no file 'lihgt.txt' here: write its name as it stands in the folder",
    ]


def test_mistakes_in_tables_of_toml(folder: Path) -> None:
    write(folder, 'author = "Me"\n["light.txt"]\nautor = "Me"\ntitle = {a = 1}\ndate = true\n', "metadata.toml")
    sidecars = Sidecars()
    assert sidecars.of(folder / "light.txt", folder) == Metadata()
    assert problems(sidecars, folder) == [
        "metadata.toml: 'author' stands outside a table: write [\"file name\"] above it",
        "metadata.toml, line 2: there is no value 'autor': write title, author, publisher, date, language",
        "metadata.toml, line 2: title is {'a': 1}: write a text in quotes",
        "metadata.toml, line 2: 'True' is no date: write 2015-05-08, 2015-05 or 2015",
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("metadata.toml", b'["light.txt"]\ntitle = Light\n', "metadata.toml, line 2: is no TOML"),
        ("metadata.toml", b'["light.txt"\n', "metadata.toml, line 1: is no TOML"),
        ("metadata.toml", bytes(range(256)) * 9, "metadata.toml: cannot be read"),
        ("metadata.csv", b"file,title\n" + b"\0" * 5_000_000, "metadata.csv: cannot be read (has 4 MB"),
        ("metadata.csv", b'file,title\nlight.txt,"' + b"x" * 200_000, "metadata.csv: cannot be read"),
    ],
)
def test_a_broken_file_is_named(folder: Path, name: str, content: bytes, message: str) -> None:
    write(folder, content, name)
    sidecars = Sidecars()
    assert sidecars.of(folder / "light.txt", folder) == Metadata()
    assert problems(sidecars, folder)[0].startswith(message)


def test_only_a_table_with_files_is_no_document(folder: Path) -> None:
    sidecars = Sidecars()
    write(folder, "file,title\nlight.txt,Light\n")
    write(folder, "", "metadata.toml")
    assert sidecars.is_sidecar(folder / "metadata.csv")
    assert sidecars.is_sidecar(folder / "metadata.toml")
    write(folder, "station,depth\nSkarv,12\n")
    assert not sidecars.is_sidecar(folder / "metadata.csv")
    assert sidecars.of(folder / "light.txt", folder) == Metadata()
    assert sidecars.problems() == []
    assert not sidecars.is_sidecar(folder / "light.txt")
    assert not sidecars.is_sidecar(folder / "reports" / "metadata.csv")


@pytest.mark.parametrize("key", ["[z-a].txt", "*" * 30, "**/**/**/x", "[", "a" * 10_000])
def test_odd_patterns_match_nothing_and_stop_nothing(folder: Path, key: str) -> None:
    write(folder, f"file,title\n{key},Light\n")
    sidecars = Sidecars()
    found = sidecars.of(folder / "reports" / "quay.pdf", folder)
    assert found.title in (None, "Light")
    assert (found.title == "Light") == (key == "*" * 30)
    sidecars.problems()


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2016", "2016"), ("2016-03", "2016-03"), ("2016-03-14", "2016-03-14"), ("March 2016", "2016-03"), ("", ""),
        ("2016-02-30", None), ("16", None), ("autumn 2016", None), ("3/4/2016", None),
    ],
)  # fmt: skip
def test_dates_that_a_user_writes(text: str, date: str | None) -> None:
    found, wrong = check_date(text)
    assert found == date
    assert bool(wrong) == (date is None)
