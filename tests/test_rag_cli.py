"""The command line as a person uses it: each test runs `rag` in a process of its own."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from rich.cells import cell_len

from index.collections import writing
from rag.conversations import Conversations, new_id
from rag.exchange import Exchange
from tests.conftest import Rag

CARGO = "How much cargo did the harbour of Lorn handle in 2013?"


def test_an_answer_shows_its_quotes_and_where_they_stand(filled: Rag) -> None:
    done = filled("ask", CARGO)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "The harbour of Lorn handled 4.2 million tons of cargo in 2013. [1]" in done.stdout
    assert "[1] “The harbour of Lorn handled" in done.stdout
    assert "The harbour report, Ines Falk, 2014-03-02" in done.stdout
    command = next(part for part in done.stdout.split("; ") if part.startswith("rag show")).split(")")[0]
    shown = filled(*command.split()[1:])
    assert "handled 4.2 million tons" in shown.stdout


def test_json_is_the_contract(filled: Rag) -> None:
    data = json.loads(filled("ask", CARGO, "--json").stdout)
    assert (data["status"], data["citations"][0]["author"]) == ("answered", "Ines Falk")
    assert data["trace"]["model"] == "extractive"


def test_a_refusal_is_no_failure(filled: Rag) -> None:
    done = filled("ask", "Which football club won the Champions League in 2019?")
    assert done.returncode == 0
    assert "The documents do not answer this question." in done.stdout
    assert "What comes nearest" in done.stdout


def test_the_question_can_come_from_standard_input(filled: Rag) -> None:
    assert "4.2 million" in filled("ask", "-", stdin=CARGO + "\n").stdout


def test_follow_ups_in_the_terminal(filled: Rag) -> None:
    done = filled("chat", stdin=f"{CARGO}\nand in 2018?\n\n")
    assert done.returncode == 0
    assert done.stdout.index("4.2 million") < done.stdout.index("6.8 million")


def test_collections_are_apart(filled: Rag, documents: Path) -> None:
    assert filled("add", str(documents / "bakery.txt"), "-c", "bread").stdout == "1 added\n"
    assert "harbour" not in filled("list", "-c", "bread").stdout
    assert "there is no library 'other' yet" in filled("ask", CARGO, "-c", "other").stderr


def test_list_set_remove_and_status(filled: Rag) -> None:
    assert filled("set", "bakery.txt", "--author", "Mo Baker", "--date", "2020").returncode == 0
    listed = json.loads(filled("list", "--json").stdout)
    assert {d["metadata"]["author"] for d in listed} == {"Ines Falk", "Tomas Brandt", "Mo Baker"}
    assert "removed A note on bread" in filled("remove", "bakery.txt").stdout
    assert json.loads(filled("status", "--json").stdout)["documents"] == 2


def test_settings_come_from_the_file_the_environment_and_flags_in_that_order(filled: Rag, tmp_path: Path) -> None:
    (tmp_path / "home" / "rag.toml").write_text("refuse_below = 1.0\n")
    assert "do not answer" in filled("ask", CARGO).stdout
    assert "4.2 million" in filled("ask", CARGO, RAG_REFUSE_BELOW="0.1").stdout
    assert "do not answer" in filled("ask", CARGO, "--refuse-below", "1", RAG_REFUSE_BELOW="0.1").stdout


def test_models_says_what_would_be_used(rag: Rag) -> None:
    done = rag("models")
    assert "answers are written by: extractive" in done.stdout
    assert "connections: none but to this machine" in done.stdout


def test_an_evaluation_prints_figures_and_writes_the_run(filled: Rag, tmp_path: Path) -> None:
    quote = "The harbour of Lorn handled 4.2 million tons of cargo in 2013."
    items = [
        {"id": "a", "question": CARGO, "type": "number", "answer": "4.2 million tons", "aliases": [],
         "must_include": [["4.2 million"]], "evidence": [{"doc": "harbour.md", "quote": quote}]},
        {"id": "b", "question": "Which football club won the Champions League?", "type": "unanswerable", "answer": "",
         "aliases": [], "must_include": [], "evidence": []},
    ]  # fmt: skip
    (tmp_path / "set.jsonl").write_text("\n".join(map(json.dumps, items)))
    done = filled("eval", "set.jsonl", "--out", "run.jsonl")
    assert done.returncode == 0, done.stderr
    header, *records = map(json.loads, (tmp_path / "run.jsonl").read_text().splitlines())
    assert header["ids"] == ["a", "b"]
    assert [r["scores"].get("facts") for r in records] == [1.0, None]
    assert [r["answer"]["status"] for r in records] == ["answered", "refused"]
    assert "Facts found" in done.stdout


# Metadata


def test_the_list_shows_what_is_not_known(filled: Rag) -> None:
    listed = filled("list").stdout.splitlines()
    assert listed[0].split() == ["id", "title", "author", "publisher", "date", "type", "pages", "file"]
    bread = next(row for row in listed if "bread" in row)
    assert bread.split()[1:] == ["A", "note", "on", "bread", "–", "–", "–", "txt", "–", "bakery.txt"]
    assert any("Ines Falk" in row and "2014-03-02 stated" in row for row in listed)
    assert listed[-1] == (
        "– is not known: author of 1, publisher of 3, date of 1. To mend: rag set ID --author … --publisher … --date …"
    )


def test_only_what_lacks_something_is_listed(filled: Rag) -> None:
    assert [d["metadata"]["title"] for d in json.loads(filled("list", "--missing", "--json").stdout)] == [
        "A note on bread"
    ]
    assert "Ines Falk" not in filled("list", "--missing").stdout
    filled("set", "bakery.txt", "--author", "Mo Baker", "--date", "2020")
    assert filled("list", "--missing").stdout == "title, author and date are known of all 3 documents\n"


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_list_fits_a_terminal(filled: Rag, tmp_path: Path, width: int) -> None:
    import pty
    import shlex

    filled(
        "set",
        "bakery.txt",
        "--title",
        "面包与耐心：关于小镇面包房的一篇很长很长的札记以及它的后记与附录",
        "--author",
        "林" * 30,
    )
    program = shlex.join([str(Path(sys.executable).parent / "rag"), "list"])
    read: list[bytes] = []

    def keep(descriptor: int) -> bytes:
        read.append(os.read(descriptor, 4096))
        return read[-1]

    environment = f"RAG_HOME={shlex.quote(str(tmp_path / 'home'))} COLUMNS={width} TERM=xterm"
    pty.spawn(["/bin/sh", "-c", f"{environment} {program}"], keep)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", b"".join(read).decode()).split("\r\n")
    rows = [row for row in shown if row and not row.startswith("– is not known")]
    assert len(rows) == 4
    assert all(cell_len(row) <= max(width, 45) for row in rows)
    assert sum("…" in row for row in rows) >= 1


def test_values_are_set_and_taken_away_of_several_documents(filled: Rag) -> None:
    done = filled("set", "bakery.txt", "harbour.md", "--author", "Mo Baker", "--date", "8 May 2020", "--language", "EN")
    assert done.returncode == 0, done.stderr
    known = {d["source"].rsplit("/", 1)[1]: d["metadata"] for d in json.loads(filled("list", "--json").stdout)}
    for name in ("bakery.txt", "harbour.md"):
        found = known[name]
        assert (found["author"], found["date"], found["date_basis"], found["language"]) == (
            "Mo Baker", "2020-05-08", "user", "en",
        )  # fmt: skip
    assert known["harbour-later.txt"]["author"] == "Tomas Brandt"
    assert filled("set", "bakery.txt", "--author", "", "--date", "").returncode == 0
    bread = next(d["metadata"] for d in json.loads(filled("list", "--json").stdout) if "bakery" in d["source"])
    assert (bread["author"], bread["date"], bread["date_basis"]) == (None, None, None)


def test_nothing_is_set_when_a_document_is_not_there(filled: Rag) -> None:
    assert filled("set", "bakery.txt", "nothing", "--author", "Mo Baker").returncode == 2
    assert "Mo Baker" not in filled("list").stdout


def test_metadata_is_mended_without_embedding_anew(filled: Rag, tmp_path: Path) -> None:
    def embedded() -> list[tuple[int, bytes]]:
        with closing(sqlite3.connect(tmp_path / "home" / "collections" / "default" / "library.db")) as db:
            return list(db.execute("SELECT id, embedding FROM passages ORDER BY id"))

    before = embedded()
    filled("set", "bakery.txt", "--title", "Of ferries", "--author", "Mo Baker")
    assert embedded() == before
    assert "Of ferries, Mo Baker" in filled("ask", "How many loaves does the bakery on Mill Lane sell?").stdout


def test_what_the_user_gives_goes_first(rag: Rag, documents: Path) -> None:
    done = rag("add", str(documents / "harbour.md"), "--author", "Mo Baker", "--date", "2020-05", "--language", "en")
    assert done.returncode == 0, done.stderr
    known = json.loads(rag("list", "--json").stdout)[0]["metadata"]
    assert (known["title"], known["author"], known["language"]) == ("The harbour report", "Mo Baker", "en")
    assert (known["date"], known["date_basis"]) == ("2020-05", "user")


# Collections


def test_collections_are_listed(filled: Rag, documents: Path) -> None:
    filled("add", str(documents / "bakery.txt"), "-c", "bread")
    rows = filled("collections").stdout.splitlines()
    assert [row.split()[:2] for row in rows] == [["collection", "documents"], ["bread", "1"], ["default", "3"]]
    listed = {entry["name"]: entry for entry in json.loads(filled("collections", "--json").stdout)}
    assert (listed["bread"]["documents"], listed["default"]["documents"]) == (1, 3)
    assert listed["default"]["bytes"] > listed["bread"]["bytes"] > 1000 and listed["bread"]["problem"] == ""


def test_no_collections_yet(rag: Rag) -> None:
    assert "there are no collections yet" in rag("collections").stdout
    assert rag("collections", "--json").stdout == "[]\n"


def test_a_collection_is_removed_when_the_user_says_so(filled: Rag, documents: Path, tmp_path: Path) -> None:
    filled("add", str(documents / "bakery.txt"), "-c", "bread")
    home = tmp_path / "home"
    talks = Conversations(home / "conversations.db")
    for collection in ("bread", "default"):
        talks.ask("local", collection, new_id(), Exchange("How many loaves of Zyxxo?"))
    talks.close()
    done = filled("collections", "remove", "bread", stdin="n\n")
    assert done.returncode == 1 and "Remove the collection 'bread' with 1 document" in done.stderr
    assert "1 conversation?" in done.stderr and (home / "collections" / "bread").exists()
    assert filled("collections", "remove", "bread").returncode == 1, "who says nothing has not said yes"
    done = filled("collections", "remove", "bread", stdin="y\n")
    assert done.returncode == 0, done.stderr
    assert "removed the collection 'bread' with 1 document" in done.stdout and "nothing of it is left" in done.stdout
    assert [path.name for path in (home / "collections").iterdir()] == ["default"]
    talks = Conversations(home / "conversations.db")
    assert (talks.with_collection("bread"), len(talks.with_collection("default"))) == ([], 1)
    talks.close()
    assert "4.2 million" in filled("ask", CARGO).stdout


def test_a_collection_is_removed_without_asking(filled: Rag, tmp_path: Path) -> None:
    told = json.loads(filled("collections", "remove", "default", "--yes", "--json").stdout)
    assert told["removal"]["info"]["documents"] == 3
    assert told["removal"]["left"] == told["conversations"]["left"] == []
    assert not (tmp_path / "home" / "conversations.db").exists()
    assert "there is no library 'default' yet" in filled("ask", CARGO).stderr


def test_what_may_quote_a_removed_collection_is_named(filled: Rag, tmp_path: Path) -> None:
    home = tmp_path / "home"
    mine = home / "sets" / "default" / "mine.jsonl"
    mine.parent.mkdir(parents=True)
    mine.write_text(
        json.dumps(
            {
                "id": "1",
                "question": CARGO,
                "type": "unanswerable",
                "answer": "",
                "aliases": [],
                "must_include": [],
                "evidence": [],
            }
        )
        + "\n",
        encoding="utf-8",
    )
    assert filled("eval", str(mine)).returncode == 0
    (run,) = (home / "runs").glob("*.jsonl")
    (home / "runs" / "other.jsonl").write_text("no run\n", encoding="utf-8")
    done = filled("collections", "remove", "default", "--yes")
    assert done.returncode == 0, done.stderr
    assert "nothing of it is left" not in done.stdout and "kept are 2 files" in done.stdout
    assert str(mine) in done.stdout and str(run) in done.stdout and "other.jsonl" not in done.stdout


def test_a_collection_that_is_written_to_is_not_removed(filled: Rag, tmp_path: Path) -> None:
    with writing(tmp_path / "home" / "collections" / "default"):
        done = filled("collections", "remove", "default", "--yes")
    assert done.returncode == 1 and "'default' is being written to" in done.stderr
    assert "4.2 million" in filled("ask", CARGO).stdout


def test_an_edited_file_keeps_what_was_set(rag: Rag, documents: Path) -> None:
    bread = documents / "bakery.txt"
    rag("sync", str(documents))
    assert rag("set", "bakery.txt", "--author", "Mo Baker", "--date", "2020").returncode == 0
    bread.write_text(bread.read_text() + "It is closed on Mondays.\n")
    assert "1 updated" in rag("sync", str(documents)).stdout
    known = next(d["metadata"] for d in json.loads(rag("list", "--json").stdout) if d["source"] == str(bread))
    assert (known["author"], known["date"], known["date_basis"]) == ("Mo Baker", "2020", "user")
    bread.write_text(bread.read_text() + "And on Sundays.\n")
    rag("add", str(bread), "--author", "Anna Berg")
    known = next(d["metadata"] for d in json.loads(rag("list", "--json").stdout) if d["source"] == str(bread))
    assert (known["author"], known["date"]) == ("Anna Berg", "2020")


# A document and what was taken out of it

PAGES = """Light on a rock
By Ingrid Solvang

The lamp at Skarv burned oil until the cable came.1 Its keeper wrote down every ship that
passed, and for thirty years nobody asked him why he did so, or what became of the books.

1 The cable was laid by a coal steamer.
\f2 Light on a rock

The books were found under a bed. They hold the names of four thousand ships and the state
of the wind, hour by hour, in a hand that grew smaller as the paper became dearer to buy.
\f3 Light on a rock

The museum shows two of them. \x1b[31mThe others\x07 are [bold]lent[/bold] to the \u202eharbour office, which
keeps them in a safe that nobody has been able to open since the lock was changed last year.
\f4 Light on a rock

Whoever has the key is asked to write to the museum, which will pay the cost of the stamp.
"""


@pytest.fixture
def messy(rag: Rag, tmp_path: Path) -> Rag:
    """Return a function that runs `rag` with one document that has running heads and a note."""
    (tmp_path / "light.txt").write_text(PAGES, encoding="utf-8")
    assert rag("add", "light.txt").stdout == "1 added\n"
    return rag


def test_show_tells_what_is_known_and_why(filled: Rag) -> None:
    shown = filled("show", "harbour.md").stdout
    assert "date       2014-03-02 (stated)" in shown
    assert "publisher  –" in shown
    assert "title: The harbour report" not in shown  # front matter is no text


def test_raw_marks_what_was_removed(messy: Rag) -> None:
    shown = messy("show", "light.txt", "--raw").stdout
    assert "⟦running head: 3 Light on a rock⟧" in shown
    assert "cable came.⟦note mark: 1⟧ Its keeper" in shown
    assert "⟦note: 1 The cable was laid by a coal steamer.⟧" in shown
    assert "moved to the notes" in shown
    assert "⟦" not in messy("show", "light.txt").stdout


def test_removed_is_listed_by_kind(messy: Rag) -> None:
    shown = messy("show", "light.txt", "--removed").stdout
    heads = next(row for row in shown.splitlines() if row.startswith("running head  "))
    assert heads.split()[:4] == ["running", "head", "3", "51"]
    start, end = re.search(r"(\d+):(\d+)  2 Light on a rock", shown).groups()  # type: ignore[union-attr]
    assert PAGES[int(start) : int(end)].strip() == "2 Light on a rock"


def test_notes_are_listed_with_their_sentence(messy: Rag) -> None:
    shown = messy("show", "light.txt", "--notes").stdout
    assert shown.count("note 1") == 1
    assert "  The cable was laid by a coal steamer.\n  to “The lamp at Skarv burned oil until the cable came.”" in shown


@pytest.mark.parametrize("option", ["--all", "--raw", "--removed", "--notes"])
def test_the_text_of_a_document_moves_no_terminal(messy: Rag, option: str) -> None:
    shown = messy("show", "light.txt", option).stdout
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown)
    if option in ("--all", "--raw"):
        assert "[bold]lent[/bold]" in shown


# Bad input: one clear line, a sensible exit code, never a traceback


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["ask", ""], 2, "the question is empty"),
        (["ask", "x" * 100_000], 2, "100,000 characters"),
        (["ask", CARGO, "-m", "gtp4"], 1, "no model"),
        (["ask", CARGO, "-m", "extractiv"], 1, "extractive"),
        (["ask", CARGO, "-m", "gguf:/no/file.gguf"], 1, "/no/file.gguf"),
        (["ask", CARGO, "-m", "openai:x", "--base-url", "http://127.0.0.1:9/v1"], 1, "127.0.0.1:9"),
        (["ask", CARGO, "-m", "openai:x", "--base-url", "http://example.com/v1"], 1, "offline"),
        (["ask", CARGO, "--refuse-below", "7"], 2, "refuse_below = 7.0"),
        (["ask", CARGO, "--config", "no.toml"], 2, "no.toml"),
        (["ask", CARGO, "-c", "../x"], 2, "collection"),
        (["add", "no-such-file.txt"], 1, "no-such-file.txt"),
        (["remove", "nothing"], 2, "rag list"),
        (["show", "bakery", "--span", "9:5"], 2, "START:END"),
        (["show", "bakery", "--span", "1:999999"], 2, "1:999999"),
        (["set", "bakery", "--date", "May"], 2, "2015-05-08"),
        (["set", "bakery", "--date", "5/8/2015"], 2, "2015-05-08 or 2015-08-05"),
        (["set", "bakery", "--language", "English"], 2, "its code"),
        (["set", "bakery", "--language", "ру"], 2, "its code"),
        (["add", "bakery", "--title", "x" * 1001], 2, "--title: the title has 1,001 characters"),
        (["collections", "remove", "nope", "--yes"], 2, "there are: default"),
        (["collections", "remove", "../x"], 2, "collection"),
        (["set", "bakery"], 2, "say what to set"),
        (["set", "bakery.txt", "harbour.md", "--title", "Both"], 2, "names one document"),
        (["show", "bakery", "--raw", "--notes"], 2, "show one thing"),
        (["sync", "bakery.txt"], 2, "not a folder"),
        (["eval", "no.jsonl"], 2, "no.jsonl"),
    ],
)
def test_bad_input_gets_one_clear_message(filled: Rag, arguments: list[str], code: int, words: str) -> None:
    done = filled(*arguments)
    said = done.stdout + done.stderr
    assert words in said
    assert "Traceback" not in said
    assert done.returncode == code


def test_bytes_that_are_no_text_are_replaced(filled: Rag, tmp_path: Path) -> None:
    program = str(Path(sys.executable).parent / "rag")
    environment = os.environ | {"RAG_HOME": str(tmp_path / "home"), "PYTHONIOENCODING": "utf-8:strict"}
    question = CARGO.encode().replace(b" in ", b" \xff in ")
    for arguments, given in (([question, "--json"], b""), (["-", "--json"], question)):
        done = subprocess.run(
            [program, "ask", *arguments], input=given, capture_output=True, env=environment, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "4.2 million" in json.loads(done.stdout)["answer"]


def test_a_broken_settings_file_is_named(rag: Rag, tmp_path: Path) -> None:
    (tmp_path / "home" / "rag.toml").write_text("model = ")
    assert "rag.toml" in rag("list").stderr
    (tmp_path / "home" / "rag.toml").write_text("modell = 'x'")
    assert "there is no setting 'modell'" in rag("list").stderr


def test_no_library_yet(rag: Rag) -> None:
    done = rag("ask", CARGO)
    assert done.returncode == 1
    assert "rag add PATH" in done.stderr


def test_bad_files_cost_only_themselves(rag: Rag, documents: Path) -> None:
    (documents / "empty.md").write_text("")
    (documents / "junk.docx").write_bytes(b"PK\x03\x04" + b"\x00\xff" * 300)
    (documents / "locked.pdf").write_bytes(b"%PDF-1.4\nnot a pdf at all")
    done = rag("add", str(documents))
    assert done.returncode == 1
    assert "3 added, 3 failed" in done.stdout
    assert {name for name in ("empty.md", "junk.docx", "locked.pdf") if name in done.stderr} == {
        "empty.md",
        "junk.docx",
        "locked.pdf",
    }
    assert "Traceback" not in done.stderr


def test_a_library_of_a_newer_version(filled: Rag, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "home" / "collections" / "default" / "library.db") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    done = filled("ask", CARGO)
    assert (done.returncode, "update rag" in done.stderr) == (1, True)


def test_a_damaged_library_is_named(filled: Rag, tmp_path: Path) -> None:
    file = tmp_path / "home" / "collections" / "default" / "library.db"
    file.write_bytes(b"not a database" * 1000)
    done = filled("ask", CARGO)
    assert (done.returncode, "damaged" in done.stderr, "Traceback" in done.stderr) == (1, True, False)


def test_a_home_that_cannot_be_written_is_named(rag: Rag, documents: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = rag("add", str(documents), RAG_HOME=str(tmp_path / "file" / "home"))
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert str(tmp_path / "file") in done.stderr


def test_a_key_is_never_shown(filled: Rag) -> None:
    done = filled("ask", CARGO, "-m", "openai:x", "--base-url", "http://127.0.0.1:9/v1", RAG_API_KEY="sk-secret-123")
    assert "sk-secret-123" not in done.stdout + done.stderr


# Speed


def test_help_needs_no_heavy_import(rag: Rag) -> None:
    used = []
    for _ in range(5):
        before = os.times()
        assert rag("--help").returncode == 0
        after = os.times()
        used.append(after.children_user + after.children_system - before.children_user - before.children_system)
    # 0.25 s of the processor; the fastest of five is not disturbed by its neighbours.
    assert min(used) < 0.45


def test_an_extractive_answer_imports_no_torch(filled: Rag, tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['rag', 'ask', sys.argv[1]]\n"
        "from rag.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'torch', 'transformers', 'gradio', 'openai', 'xllamacpp', 'kreuzberg', 'trafilatura'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, CARGO],
        env={"RAG_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
