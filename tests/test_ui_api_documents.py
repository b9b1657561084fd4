"""Documents and collections by the API: uploads good and bad, metadata, citations in context, removal with proof."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from index.collections import writing
from index.embed import Embedder
from index.library import Library
from index.workers import Limits
from rag.exchange import Exchange
from rag.settings import Settings
from tests.api_server import HARBOUR, Server, error, library_in, serving
from ui.documents import uploads

TOWER = b"The tower\n\nThe tower of Lorn is 41 metres high. It was built in 1780 by Greta Voss.\n"
FERRY = b"The ferry Zyxxo was built in Norby in 1912. It carries forty cars.\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, filled_home: Path, embedder: Embedder) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("api")
    library = library_in(folder, filled_home, embedder, Limits(max_bytes=1 << 20))
    with serving(library, Settings(home=folder / "home", max_file_mb=1)) as made:
        yield made
    library.close()


def upload(server: Server, *files: tuple[str, bytes], **data: str) -> httpx.Response:
    parts = [("files", (name, content)) for name, content in files]
    return server.client.post("/api/v1/documents", files=parts, data=data)


@pytest.fixture
def tower(server: Server) -> Iterator[str]:
    """Return the id of an uploaded document, which is gone afterwards."""
    (entry,) = upload(server, ("tower.txt", TOWER)).json()
    assert entry["outcome"] == "added"
    yield entry["document"]
    server.client.delete(f"/api/v1/documents/{entry['document']}")


def kept(server: Server) -> list[str]:
    return sorted(file.name for file in uploads.folder(server.desk.library()).iterdir())


def test_the_list_and_one_document(server: Server) -> None:
    listed = server.get("documents")
    assert [entry["title"] for entry in listed] == ["A note on bread", "Lorn revisited", "The harbour report"]
    (report,) = [entry for entry in listed if entry["title"] == "The harbour report"]
    assert report["metadata"]["author"] == "Ines Falk" and report["passages"] > 0
    one = server.get(f"documents/{report['id']}", raw=True)
    assert "4.2 million" in one["text"] and one["raw"].startswith("---\ntitle") and one["headings"]
    assert one["removed"] and all(one["raw"][r["start"] : r["end"]] == r["text"] for r in one["removed"])
    assert "raw" not in server.get(f"documents/{report['id']}")


def test_an_upload_is_kept_asked_of_and_removed_with_its_proof(server: Server, tower: str) -> None:
    assert kept(server) == ["tower.txt"]
    assert "41 metres" in server.post("ask", {"question": "How high is the tower of Lorn?"})["answer"]
    done = server.client.delete(f"/api/v1/documents/{tower}").json()
    assert done["removed"]["id"] == tower and done["searched"] > 0
    before, left = done["before"], done["left"]
    assert all(before[part] for part in ("documents", "paths", "sentences", "passages", "vectors", "words", "files"))
    assert not any(left.values())
    assert kept(server) == []
    gone = server.client.get(f"/api/v1/documents/{tower}")
    assert "may have been removed" in error(gone, 404, "not_found")
    assert server.post("ask", {"question": "How high is the tower of Lorn?"})["status"] == "refused"


def test_two_clients_remove_the_same_document(server: Server, tower: str) -> None:
    with ThreadPoolExecutor(2) as clients:
        done = list(clients.map(server.client.delete, [f"/api/v1/documents/{tower}"] * 2))
    assert min(response.status_code for response in done) == 200
    for response in done:
        if response.status_code != 200:
            error(response, 404, "not_found")
    error(server.client.delete(f"/api/v1/documents/{tower}"), 404, "not_found")


def test_metadata_are_the_users_word(server: Server) -> None:
    (entry,) = upload(server, ("mill.txt", b"The mill of Lorn burnt down in 1801."), author="Ada  Moe").json()
    path = f"/api/v1/documents/{entry['document']}"
    assert server.client.get(path).json()["metadata"]["author"] == "Ada Moe"
    changed = server.client.patch(path, json={"title": "The mill", "date": "14 May 2015", "author": ""}).json()
    known = changed["metadata"]
    assert (known["title"], known["date"], known["date_basis"], known["author"]) == (
        "The mill",
        "2015-05-14",
        "user",
        None,
    )
    for body, said in (
        ({"date": "5/8/2015"}, "can be 2015-05-08 or 2015-08-05"),
        ({"date": "soon"}, "is no date"),
        ({"language": "English"}, "is no language"),
        ({"tilte": "x"}, "no field tilte"),
    ):
        assert said in error(server.client.patch(path, json=body), 422, "invalid_request")
    error(server.client.patch("/api/v1/documents/nope", json={"title": "x"}), 404, "not_found")
    assert "no date" in error(upload(server, ("a.txt", TOWER), date="soon"), 422, "invalid_request")
    server.client.delete(path)


# Bad uploads


def bomb() -> bytes:
    """Return an archive of some kilobytes that holds 50 MB."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.txt", b"0" * (50 << 20))
    return made.getvalue()


def test_each_file_is_reported(server: Server, tower: str) -> None:
    files = [
        ("papers/mill.txt", b"The mill of Lorn burnt down in 1801."),
        ("tower.txt", TOWER),
        ("tool.exe", b"MZ\x90\x00"),
        ("empty.txt", b""),
    ]
    told = {entry["file"]: entry for entry in upload(server, *files).json()}
    assert {name: entry["outcome"] for name, entry in told.items()} == {
        "mill.txt": "added",
        "tower.txt": "unchanged",
        "tool.exe": "failed",
        "empty.txt": "failed",
    }
    assert all(told[name]["detail"] for name in ("tool.exe", "empty.txt"))
    assert kept(server) == ["mill.txt", "tower.txt"], "what no document is of is not kept"
    server.client.delete(f"/api/v1/documents/{told['mill.txt']['document']}")


NAMES = {
    "../../x.txt": "x.txt",
    "/etc/passwd.txt": "passwd.txt",
    "..\\..\\y.txt": "y.txt",
    "C:\\z.txt": "z.txt",
    "a|b?.txt": "a_b_.txt",
    "x.txt": "x (2).txt",
}


def test_a_name_leads_nowhere_else(server: Server) -> None:
    home = server.desk.settings.home
    before = set(home.parent.rglob("*"))
    files = [(name, f"The well of house {number} in Lorn is deep.".encode()) for number, name in enumerate(NAMES)]
    told = upload(server, *files).json()
    assert [(entry["file"], entry["outcome"]) for entry in told] == [(name, "added") for name in NAMES.values()]
    folder = uploads.folder(server.desk.library())
    made = {path for path in set(home.parent.rglob("*")) - before if path.suffix == ".txt"}
    assert made == {folder / name for name in NAMES.values()}
    for entry in told:
        server.client.delete(f"/api/v1/documents/{entry['document']}")
    assert kept(server) == []


def test_too_large_is_told_before_it_is_read(server: Server) -> None:
    response = upload(server, ("large.txt", b"word " * (1 << 19)))
    assert "More than 1 MB" in error(response, 413, "too_large")
    response = upload(server, ("large.txt", b"word " * 250_000))  # below what a request may carry
    assert [entry["outcome"] for entry in response.json()] == ["failed"] and kept(server) == []


def test_a_bomb_costs_one_line_in_the_report(embedder: Embedder, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    library = Library(settings.library, embedder, limits=Limits(10, 512, 1 << 20))
    with serving(library, settings) as server:
        told = upload(server, ("bomb.zip", bomb()), ("tower.txt", TOWER)).json()
        assert [entry["outcome"] for entry in told] == ["failed", "added"] and told[0]["detail"]
        assert kept(server) == ["tower.txt"]
    library.close()


def test_no_file_is_no_upload(server: Server) -> None:
    assert "files is missing" in error(server.client.post("/api/v1/documents"), 422, "invalid_request")
    response = server.client.post("/api/v1/documents", data={"files": "x"})
    assert "the field files" in error(response, 422, "invalid_request")


# A citation where it stands


def at(citation: dict[str, Any], **more: Any) -> tuple[str, dict[str, Any]]:
    query = {name: citation[name] for name in ("start", "end", "quote", "source")} | more
    return f"documents/{citation['document']}/citation", query


def test_a_citation_stands_in_its_paragraph_and_in_its_file(server: Server) -> None:
    (citation,) = server.post("ask", {"question": HARBOUR})["citations"]
    path, query = at(citation)
    found = server.get(path, **query)
    assert found["quote"] == citation["quote"] and not found["changed"] and found["found"] is None
    paragraph = found["paragraph"]
    assert citation["quote"] in paragraph["text"] and paragraph["text"].endswith("in November 2013.")
    assert found["raw"]["text"].replace("\n", " ") == citation["quote"]
    assert found["metadata"]["author"] == "Ines Falk" and found["page"] is None


def test_a_citation_that_has_changed_says_so(server: Server, tower: str, tmp_path: Path) -> None:
    (citation,) = server.post("ask", {"question": "How high is the tower of Lorn?"})["citations"]
    path, query = at(citation, quote="The tower of Lorn is 40 metres high.")
    found = server.get(path, **query)
    assert found["changed"] and found["found"] is None and found["quote"] == citation["quote"]
    path, query = at(citation, start=0, end=5)
    moved = server.get(path, **query)
    assert moved["changed"] and moved["found"] == {"start": citation["start"], "end": citation["end"]}

    file = Path(citation["source"])
    file.write_bytes(b"Of towers\n\nNobody knows who built them.\n\n" + TOWER)
    server.desk.library().add([file])
    assert tower not in {entry["id"] for entry in server.get("documents")}
    path, query = at(citation)
    edited = server.get(path, **query)
    assert edited["changed"] and edited["document"] != tower
    text = server.get(f"documents/{edited['document']}")["text"]
    assert text[edited["found"]["start"] : edited["found"]["end"]] == citation["quote"]
    server.client.delete(f"/api/v1/documents/{edited['document']}")
    error(server.client.get(f"/api/v1/{path}", params=query), 404, "not_found")


def test_a_span_that_is_none_is_told(server: Server) -> None:
    (citation,) = server.post("ask", {"question": HARBOUR})["citations"]
    path = f"/api/v1/documents/{citation['document']}/citation"
    for query in ({"start": 5, "end": 5}, {"start": 0, "end": 9_999_999}):
        assert "There is no span" in error(server.client.get(path, params=query), 422, "invalid_request")
    assert "start = '-1'" in error(server.client.get(path, params={"start": -1, "end": 5}), 422, "invalid_request")


# Collections


def test_a_collection_has_documents_of_its_own(server: Server) -> None:
    assert server.get("collections") == {"collections": ["default"], "default": "default"}
    made = server.client.post("/api/v1/collections", json={"name": "towers"})
    assert made.status_code == 201 and made.json()["documents"] == 0
    assert "already" in error(server.client.post("/api/v1/collections", json={"name": "towers"}), 409, "conflict")
    for name in ("../x", "", ".", "a b"):
        error(server.client.post("/api/v1/collections", json={"name": name}), 422, "invalid_request")
    query = {"collection": "towers"}
    files = [("files", ("tower.txt", TOWER))]
    (entry,) = server.client.post("/api/v1/documents", files=files, params=query).json()
    assert [one["id"] for one in server.get("documents", **query)] == [entry["document"]]
    told = server.post("ask", {"question": "How high is the tower of Lorn?", **query})
    assert "41 metres" in told["answer"]
    assert server.post("ask", {"question": "How high is the tower of Lorn?"})["status"] == "refused"
    assert server.get("collections/towers")["documents"] == 1
    for path in ("documents", "sets", "collections/nope"):
        error(server.client.get(f"/api/v1/{path}", params={"collection": "nope"}), 404, "not_found")


@pytest.fixture
def ships(server: Server) -> str:
    """Return the name of a collection with one uploaded document."""
    server.post("collections", {"name": "ships"})
    (entry,) = server.client.post(
        "/api/v1/documents", files=[("files", ("ferry.txt", FERRY))], params={"collection": "ships"}
    ).json()
    assert entry["outcome"] == "added"
    return "ships"


def test_a_collection_is_removed_with_its_proof(server: Server, ships: str) -> None:
    folder = server.desk.library(ships).folder
    server.desk.talks.store.ask("local", ships, "t1", Exchange("Who built the Zyxxo?"))
    assert (folder / "uploads" / "ferry.txt").exists()
    removed = server.client.delete(f"/api/v1/collections/{ships}")
    assert removed.status_code == 200
    told = removed.json()
    assert (told["removed"], told["left"]) == ("ships", [])
    before = told["before"]
    assert (before["documents"], before["conversations"], before["questions"]) == (1, 1, 1)
    assert before["files"] > 3 and before["bytes"] > len(FERRY) and told["searched"] > 0
    assert ships not in server.get("collections")["collections"] and not folder.exists()
    held = [file for file in folder.parents[1].rglob("*") if file.is_file() and b"Zyxxo" in file.read_bytes()]
    assert held == []
    assert "no collection 'ships'" in error(server.client.delete("/api/v1/collections/ships"), 404, "not_found")
    question = {"question": "Who built the Zyxxo?", "collection": "ships"}
    error(server.client.post("/api/v1/ask", json=question), 404, "not_found")


def test_a_collection_that_must_stay_stays(server: Server, ships: str) -> None:
    delete = server.client.delete
    assert "rag collections remove default" in error(delete("/api/v1/collections/default"), 409, "conflict")
    with writing(server.desk.library(ships).folder):
        assert "'ships' is being written to" in error(delete("/api/v1/collections/ships"), 409, "conflict")
    assert server.get("collections/ships")["documents"] == 1 and server.get("collections/default")["documents"] == 3
    error(delete("/api/v1/collections/..%2Fx"), 404, "not_found")
    error(delete("/api/v1/collections/.ships"), 422, "invalid_request")
    assert delete("/api/v1/collections/ships").json()["left"] == []
