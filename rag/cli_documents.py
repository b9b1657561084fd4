"""The commands about documents: adding, listing, mending what is known of them, showing, removing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.options import AsJson, Collection, Config, open_library, read_settings

if TYPE_CHECKING:
    from index.types import Metadata, Report

commands = typer.Typer()

_DATE = "Date, as 2015-05-08, 2015-05 or 2015."
_LANGUAGE = "Language, as en or de."
_FOUND = "in the place of the one found."
Documents = Annotated[list[str], typer.Argument(help="Ids, paths or file names.", show_default=False)]


@commands.command()
def add(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders.", show_default=False)],
    title: Annotated[str | None, typer.Option(help=f"Title, {_FOUND}")] = None,
    author: Annotated[str | None, typer.Option(help=f"Author, {_FOUND}")] = None,
    publisher: Annotated[str | None, typer.Option(help=f"Publisher, {_FOUND}")] = None,
    date: Annotated[str | None, typer.Option(help=_DATE)] = None,
    language: Annotated[str | None, typer.Option(help=_LANGUAGE)] = None,
    collection: Collection = None,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Add documents. What is there already is left alone; what was edited is replaced."""
    from rag.show import Bar

    given = _given(title=title, author=author, publisher=publisher, date=date, language=language)
    library = open_library(read_settings(config, collection=collection), create=True)
    with Bar("Reading") as bar:
        report = library.add(paths, given, progress=bar.update)
    _report(report, json)


@commands.command()
def sync(
    folder: Annotated[Path, typer.Argument(help="Folder to bring the library into line with.")],
    collection: Collection = None,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Add what is new or edited in a folder, remove what is no longer there."""
    from rag.show import Bar

    library = open_library(read_settings(config, collection=collection), create=True)
    with Bar("Reading") as bar:
        report = library.sync(folder, progress=bar.update)
    _report(report, json)


@commands.command("list")
def list_documents(
    missing: Annotated[
        bool, typer.Option("--missing", help="Only those whose title, author or date is not known.")
    ] = False,
    collection: Collection = None,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """List the documents, and what is not known of them."""
    from rag import show, show_documents

    infos = open_library(read_settings(config, collection=collection)).documents()
    kept = [info for info in infos if show_documents.lacks(info)] if missing else infos
    if json:
        show.as_json(kept)
    elif kept or not infos:
        show_documents.documents(kept)
    else:
        show.line(f"title, author and date are known of all {len(infos):,} documents")


@commands.command()
def remove(documents: Documents, collection: Collection = None, config: Config = None) -> None:
    """Remove documents, with all that was derived from them."""
    from rag import show

    library = open_library(read_settings(config, collection=collection))
    for reference in documents:
        info = library.remove(reference)
        show.line(f"removed {info.title} ({info.source}): {info.passages} passages, {info.sentences} sentences")


@commands.command("set")
def set_metadata(
    documents: Documents,
    title: Annotated[str | None, typer.Option(help='Title; "" takes it away.')] = None,
    author: Annotated[str | None, typer.Option(help='Author; "" takes it away.')] = None,
    publisher: Annotated[str | None, typer.Option(help='Publisher; "" takes it away.')] = None,
    date: Annotated[str | None, typer.Option(help=f'{_DATE[:-1]}; "" takes it away.')] = None,
    language: Annotated[str | None, typer.Option(help=f'{_LANGUAGE[:-1]}; "" takes it away.')] = None,
    collection: Collection = None,
    config: Config = None,
) -> None:
    """Set the title, author, publisher, date or language of documents."""
    from index.types import Metadata
    from rag import show_documents

    given = _given(title=title, author=author, publisher=publisher, date=date, language=language)
    if given == Metadata():
        raise typer.BadParameter("say what to set", param_hint="--title, --author, --publisher, --date or --language")
    if title and len(documents) > 1:
        raise typer.BadParameter("names one document, not several", param_hint="--title")
    library = open_library(read_settings(config, collection=collection))
    found = [library.find(reference).id for reference in documents]  # all of them, before any is changed
    show_documents.documents([library.set_metadata(identity, given) for identity in found])


@commands.command()
def status(collection: Collection = None, config: Config = None, json: AsJson = False) -> None:
    """Show what the library holds, and where."""
    from rag import show

    facts = open_library(read_settings(config, collection=collection)).status()
    show.as_json(facts) if json else show.facts(facts)


@commands.command("show")
def show_document(
    document: Annotated[str, typer.Argument(help="Id, path or file name.")],
    span: Annotated[str | None, typer.Option(help="Mark these characters, as START:END of a citation.")] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Show the text as in the file, what was removed marked.")] = False,
    removed: Annotated[bool, typer.Option("--removed", help="List what was removed or moved, by kind.")] = False,
    notes: Annotated[bool, typer.Option("--notes", help="List the notes, each with its sentence.")] = False,
    whole: Annotated[bool, typer.Option("--all", help="Show all of it, not only what is near the span.")] = False,
    collection: Collection = None,
    config: Config = None,
) -> None:
    """Show a document, what was taken out of it, or a citation in its context."""
    from rag import show_documents as show

    if raw + removed + notes > 1:
        raise typer.BadParameter("show one thing", param_hint="--raw, --removed or --notes")
    library = open_library(read_settings(config, collection=collection))
    found = library.document(library.find(document).id)
    if removed:
        show.removed(found, whole=whole)
    elif notes:
        show.notes(found)
    else:
        show.document(found, _span(span), raw=raw, whole=whole or span is None)


# What the flags say


def _given(**flags: str | None) -> Metadata:
    """Return the metadata that the flags give; an empty one takes a value away."""
    from index.errors import GivenError
    from index.given import check, stated

    values = {name: value for name, value in flags.items() if value is not None}
    for name, value in values.items():
        try:
            check(name, value)
        except GivenError as error:
            raise typer.BadParameter(str(error), param_hint=f"--{name}") from None
    return stated(values)


def _span(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    start, colon, end = text.partition(":")
    if not (colon and start.isdigit() and end.isdigit() and int(start) < int(end)):
        raise typer.BadParameter(f"{text!r} is no span: write START:END, as a citation gives them", param_hint="--span")
    return int(start), int(end)


def _report(report: Report, json: bool) -> None:
    from rag import show

    show.as_json(report.files) if json else show.report(report)
    if report.failed:
        raise SystemExit(1)
