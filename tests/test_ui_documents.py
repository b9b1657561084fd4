"""The tab of the documents: adding, the list, metadata, removing, collections; what is hostile or wrong in each."""

from __future__ import annotations

import json
import shutil
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from index.collections import writing
from index.embed import Embedder
from index.library import Library
from index.types import DocumentInfo, FileReport, Metadata, Outcome
from rag.assistant import Assistant
from rag.settings import Settings
from ui.desk import Desk
from ui.documents import adding as documents_adding
from ui.documents import uploads
from ui.documents.listing import PAGE, Listing, listed
from ui.documents.tab import DocumentsTab
from ui.documents.view import table
from ui.words import Words


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """Return a folder of three documents, and beside it the library of them: to be copied, not changed."""
    root = tmp_path_factory.mktemp("filled")
    (root / "documents").mkdir()
    for name, text in DOCUMENTS.items():
        (root / "documents" / name).write_text(text, encoding="utf-8")
    made = Library(root / "library", embedder)
    assert not made.add([root / "documents"]).failed
    made.close()
    return root


@pytest.fixture
def library(tmp_path: Path, filled: Path, embedder: Embedder) -> Iterator[Library]:
    shutil.copytree(filled / "library", tmp_path / "library")
    made = Library(tmp_path / "library", embedder)
    yield made
    made.close()


@pytest.fixture
def desk(library: Library, tmp_path: Path) -> Iterator[Desk]:
    settings = Settings(home=tmp_path / "home")
    made = Desk(Assistant(library, settings), library, settings)
    yield made
    made.close()


@pytest.fixture
def tab(desk: Desk) -> DocumentsTab:
    return DocumentsTab(desk)


def event(**data: object) -> gr.EventData:
    return gr.EventData(None, data)


def upload(tmp_path: Path, name: str, content: str | bytes) -> Path:
    folder = tmp_path / f"upload{len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder / name


def last(steps: Iterator[Any]) -> Any:
    *_, end = steps
    return end


def kept(tab: DocumentsTab) -> list[str]:
    folder = uploads.folder(tab.desk.library())
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


DOCUMENTS = {
    "harbour.md": "---\ntitle: The harbour report\nauthor: Ines Falk\ndate: 2014-03-02\n---\n# Fishing\n\n"
    "Nine trawlers still work from Lorn. Herring made up 60 per cent of the catch.\n",
    "harbour-later.txt": "Lorn revisited\n\nBy Tomas Brandt\n\n14 June 2019\n\n"
    "A second terminal opened in May 2018 after a long dispute. The fish market closed in 2017.\n",
    "bakery.txt": "A note on bread\n\nThe bakery on Mill Lane sells 300 loaves a day.\n",
}
TOWER = "The tower of Lorn is 41 metres high. It was built in 1780."


# Adding


def test_uploads_are_kept_and_reported(tab: DocumentsTab, tmp_path: Path) -> None:
    files = [
        upload(tmp_path, "tower.txt", TOWER),
        upload(tmp_path, "empty.txt", ""),
        upload(tmp_path, "tool.exe", "MZ"),
        upload(tmp_path, "same.txt", TOWER),
    ]
    steps = list(tab.add(files))
    report, waiting = steps[-1]
    assert "Added</strong> <bdi>tower.txt" in report
    assert "Refused</strong> <bdi>empty.txt" in report and "Refused</strong> <bdi>tool.exe" in report
    assert "cannot read .exe" in report and "Added 1 · Unchanged 1 · Refused 2" in report
    assert "Unchanged</strong> <bdi>same.txt" in report
    assert report.index("empty.txt") < report.index("tower.txt"), "what was refused stands first"
    assert waiting == () and "4 documents" in tab.refresh()
    assert kept(tab) == ["same.txt", "tower.txt"]
    assert not any(file.exists() for file in files), "no copy is left where the browser's upload lay"


def test_only_files_that_were_uploaded_are_added(
    tab: DocumentsTab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sent" / "1").mkdir(parents=True)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "sent"))
    sent, secret = tmp_path / "sent" / "1" / "tower.txt", tmp_path / "secret.txt"
    sent.write_text(TOWER)
    secret.write_text("The key lies under the mat.")
    (tmp_path / "sent" / "link.txt").symlink_to(secret)
    others = [
        str(secret),
        str(tmp_path / "sent" / ".." / "secret.txt"),
        str(tmp_path / "sent" / "link.txt"),
        "/etc/passwd",
    ]
    data = {"files": json.dumps([*others, str(sent), 7, None, "a\0b"]), "large": '["big.pdf"]', "failed": "{not json"}
    report, _ = last(tab.drop(None, event(act="add", **data)))
    assert "Added</strong> <bdi>tower.txt" in report and report.count('class="failed"') == 6
    assert "big.pdf</bdi> <span" in report and "is larger than 100 MB" in report
    assert len(tab.desk.library().documents()) == 4 and secret.exists()
    for odd in ("", "[", "7", '{"a": 1}', '"text"'):
        assert last(tab.drop(None, event(act="add", files=odd)))[0] == ""


def test_a_zip_bomb_and_a_file_that_is_too_large_are_refused_in_words(
    tmp_path: Path, embedder: Embedder, library: Library
) -> None:
    from index.workers import Limits

    small = Library(tmp_path / "small", embedder, limits=Limits(seconds=30, memory_mb=512, max_bytes=300_000))
    settings = Settings(home=tmp_path / "home")
    tab = DocumentsTab(Desk(Assistant(small, settings), small, settings))
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("zeros.txt", b"0" * (200 << 20))
    report, *_ = last(tab.add([bomb, upload(tmp_path, "large.txt", "A word. " * 50_000)]))
    assert "Refused" in report and "over the limit of" in report
    assert report.count('class="failed"') == 2 and "Traceback" not in report
    assert small.documents() == [] and kept(tab) == []
    small.close()


def test_a_file_of_a_name_that_is_taken_is_asked_about(tab: DocumentsTab, tmp_path: Path) -> None:
    last(tab.add([upload(tmp_path, "tower.txt", TOWER)]))
    later = [upload(tmp_path, "tower.txt", "The tower of Lorn is 43 metres high since 1990.")]
    question, waiting = last(tab.add([*later, upload(tmp_path, "mill.txt", "The mill of Lorn burnt down in 1801.")]))
    assert "of this name is there already" in question and "Added</strong> <bdi>mill.txt" in question
    assert list(waiting) == [str(later[0])] and later[0].exists()
    report, waiting = last(tab.decide(waiting, None, event(act="replace")))
    assert "Updated</strong> <bdi>tower.txt" in report and waiting == ()
    (tower,) = [i for i in tab.desk.library().documents() if "tower" in i.source]
    assert "43 metres" in tab.desk.library().document(tower.id).text
    assert kept(tab) == ["mill.txt", "tower.txt"], "nothing of the earlier file is left"
    assert not list(tab.desk.library().folder.rglob("*.before"))


def test_a_replaced_upload_keeps_what_was_set_by_hand(tab: DocumentsTab, tmp_path: Path) -> None:
    last(tab.add([upload(tmp_path, "tower.txt", TOWER)]))
    identity = tab.desk.library().find("tower.txt").id
    act(tab, act="save", document=identity, title="The tower", author="Greta Voss", date="1999")
    _, waiting = last(tab.add([upload(tmp_path, "tower.txt", TOWER + " Its clock stopped.")]))
    last(tab.decide(waiting, None, event(act="replace")))
    known = tab.desk.library().find("tower.txt")
    assert known.id != identity
    assert (known.metadata.title, known.metadata.author, known.metadata.date) == ("The tower", "Greta Voss", "1999")


def test_both_files_of_a_name_can_be_kept_or_the_new_one_left_out(tab: DocumentsTab, tmp_path: Path) -> None:
    last(tab.add([upload(tmp_path, "tower.txt", TOWER)]))
    _, waiting = last(tab.add([upload(tmp_path, "tower.txt", "Another tower, of 12 metres, stands in Norby.")]))
    report, _ = last(tab.decide(waiting, None, event(act="neither")))
    assert report == "" and kept(tab) == ["tower.txt"] and not Path(waiting[0]).exists()
    _, waiting = last(tab.add([upload(tmp_path, "tower.txt", "Another tower, of 12 metres, stands in Norby.")]))
    last(tab.decide(waiting, None, event(act="both")))
    assert kept(tab) == ["tower (2).txt", "tower.txt"] and len(tab.desk.library().documents()) == 5


def test_a_damaged_file_does_not_take_the_place_of_a_whole_one(tab: DocumentsTab, tmp_path: Path) -> None:
    last(tab.add([upload(tmp_path, "tower.txt", TOWER)]))
    _, waiting = last(tab.add([upload(tmp_path, "tower.txt", "")]))
    report, _ = last(tab.decide(waiting, None, event(act="replace")))
    assert "Refused" in report and "the document that was there before stays" in report
    assert (uploads.folder(tab.desk.library()) / "tower.txt").read_text() == TOWER
    assert kept(tab) == ["tower.txt"] and len(tab.desk.library().documents()) == 4


def test_an_uploaded_archive_stays_as_long_as_a_document_of_it_does(tab: DocumentsTab, tmp_path: Path) -> None:
    archive = tmp_path / "papers.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("tower.txt", TOWER)
        made.writestr("mill.txt", "The mill of Lorn burnt down in 1801.")
        made.writestr("empty.txt", "")
    report, *_ = last(tab.add([archive]))
    assert "Added</strong> <bdi>tower.txt" in report and "Refused</strong> <bdi>empty.txt" in report
    for name, left in (("tower.txt", ["papers.zip"]), ("mill.txt", [])):
        removing(tab, tab.desk.library().find(name).id)
        assert kept(tab) == left


def test_an_upload_that_cannot_be_kept_is_reported(tab: DocumentsTab, tmp_path: Path) -> None:
    uploads.folder(tab.desk.library()).write_text("a file where the folder should be")
    report, *_ = last(tab.add([upload(tmp_path, "tower.txt", TOWER)]))
    assert "Refused" in report and "cannot be kept" in report


def test_a_folder_is_added_and_brought_into_line(tab: DocumentsTab, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "tower.txt").write_text(TOWER)
    report, _ = last(tab.begin(None, event(act="folder", folder=str(folder))))
    assert "Added</strong> <bdi>tower.txt" in report and "4 documents" in tab.refresh()
    (folder / "tower.txt").rename(folder / "high.txt")
    (folder / "mill.txt").write_text("The mill of Lorn burnt down in 1801.")
    last(tab.begin(None, event(act="folder", folder=str(folder), sync="1")))
    assert {Path(i.source).name for i in tab.desk.library().documents()} >= {"high.txt", "mill.txt"}
    assert "tower.txt" not in tab.refresh()


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("", "not a whole path"),
        ("papers", "not a whole path"),
        ("../papers", "not a whole path"),
        ("/nowhere/at/all", "There is no folder"),
        ("~nobody-of-this-name/x", "There is no folder"),
        ("/x\0y", "There is no folder"),
        ("/" + "x" * 5000, "There is no folder"),
    ],
)
def test_a_folder_that_is_none_is_named(tab: DocumentsTab, path: str, why: str) -> None:
    report, _ = last(tab.begin(None, event(act="folder", folder=path)))
    assert why in report and 'role="alert"' in report


def test_a_folder_is_for_the_user_of_this_machine(library: Library, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    tab = DocumentsTab(Desk(Assistant(library, settings), library, settings, local=False))
    report, _ = last(tab.begin(None, event(act="folder", folder=str(tmp_path))))
    assert "only where the server listens on this machine alone" in report
    assert len(library.documents()) == 3


def test_adding_is_seen_again_and_stopped(tab: DocumentsTab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.txt").write_text(f"The pier number {number} is of wood.")
    taken = documents_adding.Adding._taken

    def slowly(self: documents_adding.Adding, entries: Sequence[FileReport]) -> None:
        taken(self, entries)
        time.sleep(0.3)

    monkeypatch.setattr(documents_adding.Adding, "_taken", slowly)
    steps = tab.begin(None, event(act="folder", folder=str(folder)))
    said, _ = next(steps)
    assert "<progress" in said and "Stop adding" in said
    busy, _ = last(tab.begin(None, event(act="folder", folder=str(folder))))
    assert "is being added already" in busy
    assert tab.busy(None)["active"]
    assert "<progress" in tab.look(None, Listing())[0], "a page that is loaded meanwhile shows it too"
    tab.cancel(None, event(act="cancel"))
    said, _ = last(steps)
    assert "Stopped. What was added before stays." in said
    added = len(tab.desk.library().documents()) - 3
    assert 0 < added < 6 and tab.desk.library().status()["vectors"] == 3 + added
    assert not tab.busy(None)["active"]
    said, shown, watch = tab.look(None, Listing())
    assert "Stopped." in said and f"{3 + added} documents" in shown and not watch["active"]


def test_a_collection_is_created_and_chosen(tab: DocumentsTab) -> None:
    said, chosen = last(tab.begin(None, event(act="collection", name="papers-2")))
    assert "was created" in said and chosen["value"] == "papers-2" and "papers-2" in chosen["choices"]
    assert "There are no documents yet" in tab.refresh("papers-2")
    said, chosen = last(tab.begin(None, event(act="collection", name="papers-2")))
    assert "is a collection" in said and chosen["value"] == "papers-2"


@pytest.mark.parametrize("name", ["", "../x", "a b", "x" * 65, "<script>", ".hidden", "a/b"])
def test_a_name_that_no_collection_can_have_is_refused(tab: DocumentsTab, name: str) -> None:
    before = tab.desk.collections()
    said, chosen = last(tab.begin(None, event(act="collection", name=name)))
    assert "cannot be the name of a collection" in said and chosen == gr.skip() and "<script>" not in said
    assert tab.desk.collections() == before


# Metadata


def act(tab: DocumentsTab, listing: Listing = Listing(), /, **data: object) -> tuple[str, str, Listing]:  # noqa: B008
    said, shown, after, *_ = tab.act(None, listing, event(**data))
    return said, shown, after


def test_metadata_are_edited_in_place(tab: DocumentsTab) -> None:
    library = tab.desk.library()
    harbour = library.find("harbour.md")
    _, shown, listing = act(tab, act="edit", document=harbour.id)
    assert 'name="author" value="Ines Falk"' in shown and shown.count("<form") == 1
    fields = {"title": "The harbour", "author": "", "publisher": "Skarv  Museum", "date": "2014-05", "language": "EN"}
    said, shown, listing = act(tab, listing, act="save", document=harbour.id, **fields)
    assert "Saved: The harbour" in said and "<form" not in shown and "Skarv Museum" in shown
    known = library.infos()[harbour.id].metadata
    assert known == Metadata("The harbour", None, "Skarv Museum", "2014-05", "user", "en")


def test_a_date_that_is_not_touched_keeps_its_basis(tab: DocumentsTab) -> None:
    library = tab.desk.library()
    before = library.find("harbour.md").metadata
    assert before.date_basis == "stated"
    fields = {"title": before.title, "author": "I. Falk", "publisher": "", "date": before.date, "language": "en"}
    act(tab, act="save", document=library.find("harbour.md").id, **fields)
    assert library.find("harbour.md").metadata == replace(before, author="I. Falk", language="en")


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("date", "soon", "is no date"),
        ("date", "03/04/2015", "can be"),
        ("language", "english", "is no language"),
        ("title", "x" * 1001, "at most 1,000"),
    ],
)
def test_a_value_that_cannot_be_taken_leaves_all_as_it_is(tab: DocumentsTab, field: str, value: str, why: str) -> None:
    bakery = tab.desk.library().find("bakery.txt")
    _, shown, listing = act(tab, act="save", document=bakery.id, author="A. Baker", **{field: value})
    assert why in shown and listing.editing == bakery.id and "<form" in shown
    assert tab.desk.library().find("bakery.txt").metadata == bakery.metadata


def test_escape_leaves_a_row_as_it_was(tab: DocumentsTab) -> None:
    bakery = tab.desk.library().find("bakery.txt")
    _, shown, listing = act(tab, Listing(editing=bakery.id), act="leave")
    assert "<form" not in shown and listing.editing == ""


# Removing


def removing(tab: DocumentsTab, identity: str) -> str:
    return act(tab, act="remove", document=identity)[0]


def test_a_removal_shows_its_proof(tab: DocumentsTab, tmp_path: Path) -> None:
    last(tab.add([upload(tmp_path, "tower.txt", TOWER)]))
    last(tab.add([upload(tmp_path, "same.txt", TOWER)]))
    (tower,) = [i for i in tab.desk.library().documents() if i.source.endswith(("tower.txt", "same.txt"))]
    said, shown, _ = act(tab, act="remove", document=tower.id)
    for part in ("2 sentences", "one passage", "one vector", "2 paths", "the uploaded file", "nothing is left"):
        assert part in said, part
    assert "tower" not in shown and kept(tab) == []


def test_two_tabs_remove_the_same_document(tab: DocumentsTab, desk: Desk) -> None:
    other = DocumentsTab(desk)
    identity = desk.library().find("bakery.txt").id
    assert "nothing is left" in removing(tab, identity)
    said = removing(other, identity)
    assert "not in the library any more" in said and 'role="alert"' in said
    for data in ({"act": "open"}, {"act": "edit"}, {"act": "save", "title": "x"}):
        outcome = " ".join(map(str, other.act(None, Listing(), event(document=identity, **data))))
        assert data["act"] == "edit" or "not in the library any more" in outcome


@pytest.mark.parametrize("reference", ["bakery.txt", "", "../bakery.txt", "b"])
def test_a_document_is_removed_by_its_id_only(tab: DocumentsTab, reference: str) -> None:
    assert "not in the library" in removing(tab, reference)
    assert len(tab.desk.library().documents()) == 3


def test_a_document_from_elsewhere_is_removed_from_the_library_only(tab: DocumentsTab, filled: Path) -> None:
    said = removing(tab, tab.desk.library().find("bakery.txt").id)
    assert (filled / "documents" / "bakery.txt").exists() and "uploaded" not in said
    assert len(tab.desk.library().documents()) == 2


# Removing a collection


@pytest.fixture
def ships(tab: DocumentsTab, tmp_path: Path) -> str:
    """Return the name of a collection with one uploaded document."""
    last(tab.begin(None, event(act="collection", name="ships")))
    last(tab.add([upload(tmp_path, "tower.txt", TOWER)], "ships"))
    return "ships"


def test_a_collection_is_removed_after_a_question_that_names_it(tab: DocumentsTab, ships: str) -> None:
    folder = tab.desk.library(ships).folder
    assert "Remove the collection “ships”…" in tab.leaving(ships)
    asked = tab.ask_removal(ships, event(act="remove-collection"))
    assert "“ships” with its one document" in asked and 'role="alertdialog"' in asked and folder.exists()
    assert tab.remove_collection(ships, event(act="keep-collection")) == ("", gr.skip()) and folder.exists()
    said, chosen = tab.remove_collection(ships, event(act="drop-collection", name=ships))
    for part in ("Removed</strong> <bdi>ships", "one document", "0 conversations", "nothing is left"):
        assert part in said, part
    assert (chosen["value"], chosen["choices"], chosen["visible"]) == ("default", ["default"], False)
    assert not folder.exists() and "3 documents" in tab.refresh("default")


def test_the_first_collection_is_not_offered_to_be_removed(tab: DocumentsTab) -> None:
    assert tab.leaving(None) == tab.leaving("default") == ""
    assert tab.ask_removal("default", event(act="remove-collection")) == gr.skip()
    said, chosen = tab.remove_collection("default", event(act="drop-collection", name="default"))
    assert "was started with the collection" in said and chosen == gr.skip()
    assert len(tab.desk.library().documents()) == 3


def test_only_the_collection_that_was_asked_about_is_removed(tab: DocumentsTab, ships: str) -> None:
    for data in ({"name": "other"}, {}, {"name": "default"}):
        assert tab.remove_collection(ships, event(act="drop-collection", **data)) == (gr.skip(), gr.skip())
    assert tab.remove_collection(ships, event(act="replace", name=ships)) == (gr.skip(), gr.skip())
    assert tab.desk.collections() == ["default", "ships"]


def test_a_collection_to_which_documents_are_added_is_not_removed(tab: DocumentsTab, ships: str) -> None:
    with writing(tab.desk.library(ships).folder):
        said, chosen = tab.remove_collection(ships, event(act="drop-collection", name=ships))
    assert "is being written to" in said and 'role="alert"' in said and chosen == gr.skip()
    assert len(tab.desk.library(ships).documents()) == 1


def test_another_page_is_told_that_the_collection_is_gone(tab: DocumentsTab, ships: str) -> None:
    other = DocumentsTab(tab.desk, Words("ru"))
    tab.remove_collection(ships, event(act="drop-collection", name=ships))
    assert "there is no library" in other.refresh(ships)
    assert "there is no library" in other.ask_removal(ships, event(act="remove-collection"))
    said, _ = other.remove_collection(ships, event(act="drop-collection", name=ships))
    assert "no collection" in said


# The list


def info(number: int, **known: Any) -> DocumentInfo:
    metadata = Metadata(**{"title": f"Paper {number:05}", **known})
    added = f"2026-01-{1 + number % 28:02}T00:00:00+00:00"
    return DocumentInfo(f"d{number}", f"/x/{number}.pdf", "pdf", metadata, 900, 9, number % 7, number % 5, added)


def ids(listing: Listing, infos: Sequence[DocumentInfo]) -> list[str]:
    return [row.id for row in listed(infos, listing).rows]


def test_the_list_is_searched_by_title_author_publisher_and_file() -> None:
    infos = [info(1, title="Über Öl", author="Ines Falk"), info(2, publisher="Skarv Museum"), info(3, author="Émile")]
    assert ids(Listing("uber"), infos) == ["d1"] and ids(Listing("FALK öl"), infos) == ["d1"]
    assert ids(Listing("museum"), infos) == ["d2"] and ids(Listing("emile"), infos) == ["d3"]
    assert ids(Listing("3.pdf"), infos) == ["d3"] and ids(Listing("nothing"), infos) == []


def test_the_list_is_sorted_by_each_column_and_what_is_not_known_stands_last() -> None:
    infos = [info(1, author="b", date="2015"), info(2, author=None, date="2014-05"), info(3, author="A", date=None)]
    assert ids(Listing(by="author"), infos) == ["d3", "d1", "d2"]
    assert ids(Listing(by="author", descending=True), infos) == ["d1", "d3", "d2"]
    assert ids(Listing(by="date"), infos) == ["d2", "d1", "d3"]
    assert ids(Listing(by="passages", descending=True), infos) == ["d3", "d2", "d1"]
    listing = Listing(page=3).sorted_by("author")
    assert (listing.by, listing.descending, listing.page) == ("author", False, 1)
    assert listing.sorted_by("author").descending and listing.sorted_by("x' OR 1") == listing


def test_ten_thousand_documents_are_shown_a_page_at_a_time_and_quickly() -> None:
    infos = [info(number) for number in range(10_000)]
    best = min(_seconds(lambda: table(listed(infos, Listing("paper 099")), Listing("paper 099"))) for _ in range(3))
    assert best < 0.5, f"{best:.2f} s"
    shown = listed(infos, Listing(page=3))
    assert len(shown.rows) == PAGE and shown.rows[0].id == f"d{2 * PAGE}" and shown.pages == 100
    html = table(shown, Listing(page=3))
    assert "10,000 documents" in html and "Page 3 of 100" in html and html.count("<tr>") == PAGE + 1
    assert listed(infos, Listing(page=10**6)).page == 100 and listed(infos, Listing(page=0)).page == 1


def _seconds(call: Any) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def test_a_page_that_is_asked_for_wrongly_is_left(tab: DocumentsTab) -> None:
    for page in ("-1", "x", "", "9" * 50):
        _, shown, _ = act(tab, act="turn", page=page)
        assert "3 documents" in shown


def test_a_document_is_opened_from_the_list_and_left(tab: DocumentsTab) -> None:
    library = tab.desk.library()
    harbour, later = library.find("harbour.md"), library.find("harbour-later.txt")
    *_, shelf, reading, panel = tab.act(None, Listing(), event(act="open", document=harbour.id))
    assert shelf["visible"] == "hidden" and reading["visible"] is True
    assert "Nine trawlers" in panel and "Back to the documents" in panel and "<mark>" not in panel
    _, _, _, panel = tab.read(None, Listing(), event(act="source", document=later.id, view="left-out"))
    assert "14 June 2019" in panel and "2 places" in panel
    shown, shelf, reading, panel = tab.read(None, Listing(), event(act="list"))
    assert shelf["visible"] is True and reading["visible"] == "hidden" and panel == "" and "3 documents" in shown


def test_the_tab_speaks_russian(desk: Desk) -> None:
    tab = DocumentsTab(desk, Words("ru"))
    assert "3 документа" in tab.refresh() and "Заглавие" in tab.refresh()
    assert "ничего не осталось" in removing(tab, desk.library().find("bakery.txt").id).lower()
    assert Outcome.REMOVED.value not in tab.refresh()
