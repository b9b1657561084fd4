"""The documents that a set brings become a library of their own; evidence is placed in it or told what is nearest."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from eval.formats import Evidence, Item, QuestionSet, SetError, Text, load_set
from eval.placing import Missing, Placed, Places, nearest, problems
from eval.set_library import folder_for, library_for
from index.embed import Embedder
from index.library import Library
from rag.settings import Settings

PORT = Text("port.txt", "Lorn is a port on the north coast. Its crane was bought in 1912 by Ada Falk.", "The port")
BREAD = Text("bread.txt", "Bread is baked in Lorn every night but one.", "")


@pytest.fixture
def settings(tmp_path: Path, models_folder: Path, embedder: Embedder) -> Settings:
    home = tmp_path / "home"
    home.mkdir()
    (home / "models").symlink_to(models_folder, target_is_directory=True)
    return Settings(home=home)


def question(*evidence: Evidence) -> Item:
    return Item("q1", "Who bought the crane?", "factoid", "Ada Falk", (), (), evidence, "line 1")


def a_set(*texts: Text, evidence: tuple[Evidence, ...] = ()) -> QuestionSet:
    return QuestionSet("port/set", (question(*evidence),), Path("set.jsonl"), texts=texts)


# The library


def test_texts_are_read_as_documents_with_their_titles(settings: Settings) -> None:
    library = library_for(a_set(PORT, BREAD, Text("empty.txt", " ")), settings)
    infos = {Path(info.source).name: info for info in library.documents()}
    assert set(infos) == {"port.txt", "bread.txt"}
    assert infos["port.txt"].metadata.title == "The port"
    assert library.document(infos["port.txt"].id).text == PORT.text
    assert library.folder.is_relative_to(settings.home / "eval")
    library.close()


def test_it_is_built_once_and_another_for_other_content(settings: Settings) -> None:
    seen: list[str] = []

    def count(done: int, total: int, name: str) -> None:
        seen.append(f"{done}/{total} {name}")

    library_for(a_set(PORT, BREAD), settings, progress=count).close()
    assert seen == ["1/2 bread.txt", "2/2 port.txt"]
    again = library_for(a_set(PORT, BREAD), settings, progress=count)
    assert len(again.documents()) == 2
    assert len(seen) == 2
    again.close()
    other = library_for(a_set(PORT), settings, progress=count)
    assert len(other.documents()) == 1
    assert len(seen) == 3
    other.close()


@pytest.mark.parametrize(
    "change",
    [
        lambda s: (a_set(Text(PORT.name, PORT.text + " ", PORT.title)), s),
        lambda s: (a_set(Text(PORT.name, PORT.text, "Harbour")), s),
        lambda s: (a_set(PORT), s.model_copy(update={"embedder": "another"})),
    ],
)
def test_the_cache_knows_what_the_library_depends_on(
    settings: Settings, change: Callable[[Settings], tuple[QuestionSet, Settings]]
) -> None:
    assert folder_for(a_set(PORT), settings) == folder_for(a_set(PORT), settings)
    assert folder_for(*change(settings)) != folder_for(a_set(PORT), settings)


def test_a_build_that_was_interrupted_is_gone_on_with(settings: Settings) -> None:
    class Stopped(Exception):
        pass

    def stop(done: int, total: int, name: str) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        library_for(a_set(PORT, BREAD), settings, progress=stop)
    library = library_for(a_set(PORT, BREAD), settings)
    assert len(library.documents()) == 2
    library.close()


def test_a_document_that_cannot_be_read_is_told_each_time(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "harbour" / "documents"
    folder.mkdir(parents=True)
    (folder / "01-port.txt").write_text(PORT.text, encoding="utf-8")
    (folder / "02-plan.pdf").write_bytes(b"%PDF-1.4 cut off")
    line = {"id": "a", "question": "Who?", "type": "factoid", "answer": "Ada", "must_include": [], "evidence": []}
    (folder.parent / "questions.jsonl").write_text(json.dumps(line), encoding="utf-8")
    for _ in range(2):
        told: list[str] = []
        library_for(load_set(folder.parent), settings, tell=told.append).close()
        assert len(told) == 1
        assert told[0].startswith(f"{folder / '02-plan.pdf'}: ")
    (folder / "01-port.txt").unlink()
    with pytest.raises(SetError, match="none of its documents can be read"):
        library_for(load_set(folder.parent), settings)


def test_a_set_without_documents_asks_for_a_collection(settings: Settings) -> None:
    with pytest.raises(SetError, match=r"brings no documents .* --collection"):
        library_for(a_set(), settings)


def test_many_texts_keep_their_titles(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eval.set_library.FOLDER", 20)
    texts = [Text(f"{n}.txt", f"Ship number {n} left the harbour.", f"Ship {n}") for n in range(42)]
    library = library_for(a_set(*texts), settings)
    titles = {Path(info.source).name: info.metadata.title for info in library.documents()}
    assert titles == {text.name: text.title for text in texts}
    assert len({Path(info.source).parent for info in library.documents()}) == 3
    library.close()


# Evidence


@pytest.fixture
def places(library: Library) -> Places:
    return Places(library)


def test_a_quote_is_placed_where_it_stands(library: Library, places: Places) -> None:
    placed = places.place(Evidence("harbour.md", "handled 4.2  million tons of cargo"))
    assert isinstance(placed, Placed)
    assert (placed.whole, placed.exact) == (False, True)
    span = placed.span
    assert library.document(span.document).text[span.start : span.end] == "handled 4.2 million tons of cargo"


def test_a_name_goes_before_the_start_of_names(places: Places) -> None:
    assert isinstance(places.place(Evidence("bakery", "300 loaves")), Placed)
    assert places.place(Evidence("harbour", "Herring")) == Missing(
        "2 documents' file names start with 'harbour'; expected one"
    )


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (
            Evidence("harbour.md", "The bakery on Mill Lane sells 300 loaves"),
            "the quote is not in harbour.md; it stands in bakery.txt",
        ),
        (
            Evidence("harbour.md", "The council of the town rejected another terminal in November 2013"),
            "the quote is not in harbour.md; nearest there is: months. The town council rejected a second terminal in "
            "November 2013.",
        ),
        (Evidence("harbour.md", "Cats purr loudly"), "the quote is not in harbour.md, nor anything like it"),
        (Evidence("harbor.md", "x"), "no document's file name starts with 'harbor.md'; nearest is 'harbour.md'"),
        (Evidence("bakery.txt", "300 loaves", 2), "page 2 is not there: it has no pages"),
    ],
)
def test_evidence_that_stands_nowhere_is_told_what_comes_nearest(
    places: Places, evidence: Evidence, reason: str
) -> None:
    assert places.place(evidence) == Missing(reason)


def test_the_problems_of_a_set_have_file_line_and_field(library: Library) -> None:
    wrong = Evidence("harbor.md", "Nine trawlers")
    right = Evidence("harbour.md", "Nine trawlers")
    found = problems(QuestionSet("s", (question(right, wrong),), Path("set.jsonl")), library)
    assert found == [
        "set.jsonl, line 1 (q1), evidence[1], quote 'Nine trawlers': "
        "no document's file name starts with 'harbor.md'; nearest is 'harbour.md'"
    ]


@pytest.fixture
def paged(tmp_path: Path, embedder: Embedder) -> Library:
    folder = tmp_path / "pages"
    folder.mkdir()
    pages = ["The fleet counted nine ships.", "The crane is old.", "The fleet counted nine ships, again."]
    (folder / "log.txt").write_text("\f".join(pages), encoding="utf-8")
    (folder / "copy.txt").write_text("\f".join(pages), encoding="utf-8")
    library = Library(tmp_path / "paged", embedder)
    library.add([folder])
    return library


def test_a_page_says_where_to_look_and_stands_in_for_a_quote(paged: Library) -> None:
    places = Places(paged)

    def text(evidence: Evidence) -> tuple[str, bool, bool]:
        placed = places.place(evidence)
        assert isinstance(placed, Placed)
        span = placed.span
        document = paged.document(span.document)
        assert evidence.page is None or document.page_at(span.start) == evidence.page
        return document.text[span.start : span.end].strip(), placed.whole, placed.exact

    assert text(Evidence("log.txt", "fleet counted", 3)) == ("fleet counted", False, True)
    assert text(Evidence("log.txt", "", 2)) == ("The crane is old.", True, True)
    assert text(Evidence("log.txt", "words of another reader", 2)) == ("The crane is old.", True, False)
    assert text(Evidence("log.txt", "crane", 2, by_page=True)) == ("The crane is old.", True, True)
    assert text(Evidence("log.txt"))[1:] == (True, True)
    assert places.place(Evidence("log.txt", "", 4)) == Missing("page 4 is not there: it has 3 pages")
    assert isinstance(places.place(Evidence("copy.txt")), Placed)  # the same content under another name


def test_the_nearest_words_of_a_long_text_are_found_wherever_they_stand() -> None:
    filler = "Nothing of note was seen by the watch that night. " * 40
    text = f"{filler}Ada Falk bought the crane in 1912. {filler}"
    assert nearest("Ada Falk purchased a crane, in 1912", text) == "Ada Falk bought the crane in 1912."
    assert nearest("", text) is None
    assert nearest("crane", "") is None
