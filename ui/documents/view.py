"""The documents of a library, as HTML. Pure functions."""

from __future__ import annotations

from pathlib import Path

from index.given import FIELDS
from index.types import DocumentInfo
from ui.documents.listing import COLUMNS, Listing, Shown
from ui.markup import note, text
from ui.words import ENGLISH, Words

NONE = "\u2013"


# The list


def search(words: Words = ENGLISH) -> str:
    """Return the field by which the list is searched."""
    return (
        f'<form class="search" role="search" data-form="search"><label>{text(words("documents.search"))}'
        f'<input type="search" name="query" autocomplete="off" placeholder="{text(words("documents.search_in"))}">'
        "</label></form>"
    )


def table(shown: Shown, listing: Listing, words: Words = ENGLISH, problem: str = "") -> str:
    """Return a page of the list, one of its rows as a form if it is being edited."""
    if not shown.total:
        return f'<p class="hint">{text(words("documents.none"))}</p>'
    count = words("documents.count", n=shown.total)
    if listing.query.strip():
        count = words("documents.found", n=shown.found, of=shown.total)
    heads = "".join(_head(name, listing, words) for name in COLUMNS)
    rows = "".join(
        _form(info, words, problem) if info.id == listing.editing else _row(info, words) for info in shown.rows
    )
    body = (
        f'<div class="scroll"><table class="documents"><thead><tr>{heads}'
        f'<th><span class="unseen">{text(words("documents.acts"))}</span></th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
    return f'<p class="label" role="status">{text(count)}</p>{body if shown.rows else ""}{_pages(shown, words)}'


def _head(name: str, listing: Listing, words: Words) -> str:
    current = name == listing.by
    order = ("descending" if listing.descending else "ascending") if current else "none"
    sign = (" ▾" if listing.descending else " ▴") if current else ""
    label = text(words(f"documents.column_{name}"))
    return (
        f'<th scope="col" aria-sort="{order}"><button type="button" data-act="sort" data-by="{name}">{label}'
        f'<span aria-hidden="true">{sign}</span></button></th>'
    )


def _row(info: DocumentInfo, words: Words) -> str:
    m = info.metadata
    file = Path(info.source).name
    name = f'<button type="button" class="open" data-act="open" data-document="{text(info.id)}" dir="auto">'
    name += f"{text(info.title)}</button>"
    if file != info.title:
        name += f'<span class="file" title="{text(info.source)}"><bdi>{text(file)}</bdi></span>'
    values = {
        "author": m.author,
        "publisher": m.publisher,
        "date": m.date,
        "type": info.kind,
        "pages": info.pages,
        "passages": f"{info.passages:,}",
        "added": info.added[:10],
    }
    cells = "".join(
        f'<td data-name="{text(words(f"documents.column_{column}"))}"><bdi>{text(value or NONE)}</bdi></td>'
        for column, value in values.items()
    )
    return f'<tr><th scope="row">{name}</th>{cells}<td class="row-acts">{_acts(info, words)}</td></tr>'


def _acts(info: DocumentInfo, words: Words) -> str:
    sure = words("documents.remove_sure", title=info.title)
    edit, remove = words("documents.edit_one", title=info.title), words("documents.remove_one", title=info.title)
    return (
        f'<button type="button" data-act="edit" data-document="{text(info.id)}" aria-label="{text(edit)}">'
        f"{text(words('documents.edit'))}</button> "
        f'<button type="button" class="remove" data-act="remove" data-document="{text(info.id)}" '
        f'data-confirm="{text(sure)}" aria-label="{text(remove)}">{text(words("documents.remove"))}</button>'
    )


def _form(info: DocumentInfo, words: Words, problem: str) -> str:
    fields = "".join(
        _field(name, words(f"documents.field_{name}"), getattr(info.metadata, name) or "") for name in FIELDS
    )
    leave = f'<button type="button" data-act="leave">{text(words("documents.cancel"))}</button>'
    return (
        f'<tr class="editing"><td colspan="{len(COLUMNS) + 1}"><form data-form="save" data-document="{text(info.id)}" '
        f'aria-label="{text(words("documents.edit_one", title=info.title))}">'
        f'<p class="file"><bdi>{text(Path(info.source).name)}</bdi></p>{note(problem) if problem else ""}'
        f'<div class="fields">{fields}</div><p class="hint">{text(words("documents.edit_hint"))}</p>'
        f'<p class="buttons"><button type="submit" class="do">{text(words("documents.save"))}</button> {leave}</p>'
        "</form></td></tr>"
    )


def _field(name: str, label: str, value: str) -> str:
    field = f'<input name="{name}" value="{text(value)}" autocomplete="off" dir="auto">'
    return f"<label>{text(label)}{field}</label>"


def _pages(shown: Shown, words: Words) -> str:
    if shown.pages < 2:
        return ""

    def turn(page: int, label: str) -> str:
        off = "" if 0 < page <= shown.pages else " disabled"
        return f'<button type="button" data-act="turn" data-page="{page}"{off}>{text(label)}</button>'

    at = words("documents.page", page=shown.page, pages=shown.pages)
    before, after = words("documents.page_before"), words("documents.page_after")
    return f'<p class="pager">{turn(shown.page - 1, before)}<span>{text(at)}</span>{turn(shown.page + 1, after)}</p>'


# Adding


def drop(megabytes: int, words: Words = ENGLISH) -> str:
    """Return the place where files are dropped or chosen; what is done with them is in `scripts/documents.js`."""
    said = {name: words(f"documents.drop_{name}") for name in ("sending", "failed")}
    told = "".join(f' data-{name}="{text(value)}"' for name, value in said.items())
    hint = words("documents.drop_hint", megabytes=megabytes)
    return (
        f'<div class="drop" data-most="{megabytes << 20}"{told}><label>'
        f"<strong>{text(words('documents.drop'))}</strong> "
        f'<span class="choose">{text(words("documents.drop_choose"))}</span>'
        f'<input type="file" multiple class="unseen"></label><p class="hint">{text(hint)}</p>'
        '<p class="sending" role="status"></p></div>'
    )


def adding_forms(words: Words = ENGLISH, *, local: bool) -> str:
    """Return the forms that add a folder of this machine, and begin another collection."""
    folder = _folded(
        words("documents.folder"),
        f'<form data-form="folder"><label>{text(words("documents.folder_path"))}'
        '<input name="folder" autocomplete="off" spellcheck="false" required></label><label class="check">'
        f'<input type="checkbox" name="sync" value="1"> {text(words("documents.folder_sync"))}</label>'
        f'<button type="submit" class="do">{text(words("documents.folder_add"))}</button></form>',
    )
    collection = _folded(
        words("documents.collection"),
        f'<form data-form="collection"><label>{text(words("documents.collection_name"))}'
        '<input name="name" autocomplete="off" spellcheck="false" maxlength="64" required></label>'
        f'<button type="submit" class="do">{text(words("documents.collection_create"))}</button></form>',
    )
    return f'<div class="forms">{folder if local else ""}{collection}</div>'


def leaving(collection: str, words: Words = ENGLISH) -> str:
    """Return the button by which a collection is removed, which asks first."""
    label = text(words("documents.collection_remove", name=collection))
    return f'<p class="buttons"><button type="button" data-act="remove-collection">{label}</button></p>'


def _folded(name: str, inside: str) -> str:
    return f'<details class="more"><summary>{text(name)}</summary>{inside}</details>'
