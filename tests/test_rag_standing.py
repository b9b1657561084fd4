from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from index.library import Library
from rag.standing import lost, span
from rag.types import Citation


def cited(library: Library, name: str, quote: str) -> Citation:
    info = library.find(name)
    start = library.document(info.id).text.index(quote)
    return Citation(1, info.id, info.source, info.title, None, None, None, start, start + len(quote), quote)


def test_what_was_edited_or_removed_since_is_told(library: Library, documents: Path) -> None:
    harbour = cited(library, "harbour.md", "Nine trawlers still work from Lorn.")
    later = cited(library, "harbour-later.txt", "The fish market closed in 2017")
    bread = cited(library, "bakery.txt", "flour and patience")
    assert lost([harbour, later, bread], library) == {}
    path = documents / "harbour.md"
    path.write_text(path.read_text(encoding="utf-8").replace("Nine", "Eight"), encoding="utf-8")
    (documents / "bakery.txt").unlink()
    library.sync(documents)
    assert lost([harbour, later, bread], library) == {span(harbour): "changed", span(bread): "gone"}


def test_a_document_that_is_read_otherwise_now_is_told(library: Library) -> None:
    quote = cited(library, "bakery.txt", "flour and patience")
    moved = replace(quote, start=quote.start - 1, end=quote.end - 1)
    assert lost([quote, moved], library) == {span(moved): "changed"}
