"""A document beside the conversation, as HTML: where a quote stands in it, in one of several views."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from index.errors import LibraryError
from index.library import Library
from index.types import Document
from ui.ask.conversation import Exchange, Place
from ui.markup import note, text
from ui.source import page as source_page
from ui.source import side as source_side
from ui.source import text as source_text
from ui.source.reading import Reading, link, reading
from ui.source.why import why
from ui.words import ENGLISH, Words


def no_source(words: Words = ENGLISH) -> str:
    """Return what stands beside the conversation until a citation is chosen."""
    return _panel(f'<p class="hint">{text(words("source.none"))}</p>', words)


def lost_source(why: str, words: Words = ENGLISH) -> str:
    """Say why a citation cannot be shown."""
    return _panel(note(why), words)


def panel(
    place: Place | None,
    library: Library,
    data: Mapping[str, str],
    words: Words = ENGLISH,
    exchange: Exchange | None = None,
    back: str = "",
) -> str:
    """Return what stands beside the conversation when a citation, or something in this panel, was chosen.

    Args:
        place: what was chosen, if it is there.
        library: the documents of its collection.
        data: what the page says of the choice: the question, the place and how it is to be shown.
        words: the words of the page.
        exchange: the question and answer that the place is of, if it is of any.
        back: the link to where the place was chosen; to the answer, if none is given.
    """
    if place is None:
        return lost_source(words("source.no_place"), words)
    try:
        document = library.document(place.document)
    except LibraryError:
        return lost_source(words("source.gone", title=place.title), words)
    back = back or back_to_answer(words)
    known = {"collection": library.folder.name, "place": place, "exchange": exchange, "back": back, "words": words}
    return shown(reading(document, data, **known), library)


def document_panel(
    document: Document, library: Library, data: Mapping[str, str], words: Words = ENGLISH, back: str = ""
) -> str:
    """Return a document as it is opened from the list, from its beginning."""
    known = {"collection": library.folder.name, "back": back, "words": words}
    return shown(reading(document, {**data, "document": document.id}, **known), library)


def shown(r: Reading, library: Library) -> str:
    """Return the panel of a reading."""
    if r.place and r.document.text[r.place.start : r.place.end] != r.place.quote:
        return lost_source(r.words("source.changed", title=r.place.title), r.words)
    answer = r.exchange.answer if r.exchange and r.view != "side" else None
    below = why(r.place, answer.trace, r.words) if r.place and answer else ""
    inside = f"{_head(r)}{_view(r, library)}{below}"
    return _panel(inside, r.words, r.data or {})


def back_to_answer(words: Words) -> str:
    """Return the link back to the answer that a citation is of."""
    return f'<a class="back" href="#conversation" data-act="back">{text(words("source.back"))}</a>'


# What is shown of it


def _view(r: Reading, library: Library) -> str:
    if r.view == "page":
        try:
            return source_page.page_view(r, library)
        except LibraryError as error:
            return note(str(error)) + source_text.body(r)
    if r.view == "side" and r.exchange:
        return source_side.side_by_side(r.exchange, library, (r.data or {}).get("turn", ""), r.words)
    if r.view == "notes":
        return source_text.notes(r)
    return source_text.left_out(r) if r.view == "left-out" else source_text.body(r)


def _head(r: Reading) -> str:
    side = r.view == "side"
    title = r.words("source.side_title") if side else r.document.title
    return (
        f'<header>{_steps(r)}<h2 dir="auto" tabindex="-1">{text(title)}</h2>{"" if side else _about(r)}'
        f'<p class="tools">{_views(r)}{_more(r)}{"" if r.exchange else r.back}</p></header>'
    )


def _steps(r: Reading) -> str:
    """Return the links to the previous and the next place of an answer."""
    if r.exchange is None or r.place is None:
        return ""
    words, keys = r.words, list(source_side.places(r.exchange))
    key = (r.data or {}).get("place", "")
    at = keys.index(key) if key in keys else 0
    view = r.view if r.view in ("text", "raw", "page") else "text"

    def step(to: int, name: str, label: str, sign: str, shortcut: str) -> str:
        if not 0 <= to < len(keys):
            return f'<span class="off" aria-hidden="true">{sign}</span>'
        data = {"turn": (r.data or {}).get("turn", ""), "place": keys[to], "view": view, "go": name}
        data["raw"] = "1" if view == "raw" else ""
        return link(sign, data, f"{label} ({shortcut})").replace("<a ", f'<a aria-keyshortcuts="{shortcut}" ', 1)

    before = step(at - 1, "previous", words("source.previous"), "‹", "[")
    following = step(at + 1, "next", words("source.next"), "›", "]")
    count = words("source.step", key=key, n=at + 1, of=len(keys))
    return f'<p class="steps">{before}<span>{text(count)}</span>{following}{r.back}</p>'


def _views(r: Reading) -> str:
    """Return the links to the views that there are of the document, of which one is current."""
    d, words = r.document, r.words
    documents = source_side.documents_of(r.exchange) if r.exchange else 0
    views = {
        "text": words("source.view_text"),
        "page": words("source.view_page") if source_page.has_pages(d) else "",
        "raw": words("source.view_raw") if d.raw != d.text else "",
        "notes": words("source.view_notes", n=len(d.notes)) if d.notes else "",
        "left-out": words("source.view_left_out") if not r.place and d.removed else "",
        "side": words("source.view_side", n=documents) if documents > 1 else "",
    }
    there = {view: shown for view, shown in views.items() if shown}
    if len(there) < 2:
        return ""
    links = (r.link(shown, f"view-{view}", view=view, page="", at="") for view, shown in there.items())
    marked = (
        made.replace("<a ", '<a aria-current="true" ', 1) if view == r.view else made
        for view, made in zip(there, links, strict=True)
    )
    return f'<span class="views" role="group" aria-label="{text(words("source.views"))}">{"".join(marked)}</span>'


def _more(r: Reading) -> str:
    """Return the link to the whole text, or back to a part of it."""
    if r.view not in ("text", "raw"):
        return ""
    body = r.document.raw if r.view == "raw" else r.document.text
    if not r.whole and source_text.span_shown(r) == (0, len(body)):
        return ""
    shown = r.words("source.less" if r.whole else "source.whole")
    return r.link(shown, "whole", whole="" if r.whole else "1")


def _panel(inside: str, words: Words, data: Mapping[str, str] | None = None) -> str:
    given = "".join(f' data-{name}="{text(value)}"' for name, value in (data or {}).items())
    label = text(words("source.label"))
    return f'<section class="source" id="source" aria-label="{label}" aria-live="polite"{given}>{inside}</section>'


def _about(r: Reading) -> str:
    known, d, start = r.document.metadata, r.document, r.place.start if r.place else 0
    inside = d.note_at(start) if r.place else None
    dated = known.date
    if known.date and known.date_basis:
        basis = r.words(f"source.basis_{known.date_basis}")
        dated = f"{known.date} ({basis})"
    facts = {
        "under": _section(d, start) if r.place else "",
        "author": known.author,
        "publisher": known.publisher,
        "date": dated,
        "in": inside and inside.name,
        "page": d.page_at(start) if r.place else len(d.pages),
        "file": Path(d.source).name,
    }
    if not r.place:
        facts["pages"] = facts.pop("page")
    there = ((r.words(f"source.fact_{name}"), fact) for name, fact in facts.items() if fact)
    rows = "".join(f"<div><dt>{text(name)}</dt><dd><bdi>{text(fact)}</bdi></dd></div>" for name, fact in there)
    return f'<dl class="about">{rows}</dl>'


def _section(document: Document, offset: int) -> str:
    """Return the headings that a place stands under, the highest first; a title that is shown above is left out."""
    open_: list[tuple[int, str]] = []
    for heading in document.headings:
        if heading.start > offset:
            break
        name = " ".join(document.text[heading.start : heading.end].split())
        open_ = [(level, above) for level, above in open_ if level < heading.level] + [(heading.level, name)]
    return " › ".join(name for _, name in open_ if name != document.title)
