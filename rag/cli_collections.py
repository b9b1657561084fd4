"""The commands about collections: which there are, and removing one with all that was said about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rag.options import AsJson, Config, read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from index.collections import CollectionInfo, CollectionRemoval
    from rag.conversations import Conversations, Forgotten

commands = typer.Typer(help="List the collections, or remove one.", rich_markup_mode=None)


@commands.callback(invoke_without_command=True)
def list_collections(context: typer.Context, config: Config = None, json: AsJson = False) -> None:
    """List the collections, or remove one."""
    from index.collections import collections
    from rag import show

    if context.invoked_subcommand:
        return
    root = read_settings(config).library.parent
    found = collections(root)
    if json:
        show.as_json(found)
    elif found:
        _table(found)
    else:
        show.line(f"there are no collections yet (looked in {root}): 'rag add PATH' makes one")


@commands.command()
def remove(
    name: Annotated[str, typer.Argument(help="Name of the collection.", show_default=False)],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Remove a collection: its documents, the files uploaded to it, and the conversations held with it.

    Question sets and runs of it stay, and are named, since they quote the documents.
    """
    from index.collections import describe
    from index.collections import remove as remove_collection
    from rag import show
    from rag.conversations import Forgotten
    from rag.kept import kept_about

    settings = read_settings(config, collection=name)
    found = describe(settings.library)
    talks = _conversations(settings.home.expanduser() / "conversations.db")
    if not yes:
        count = len(talks.with_collection(name)) if talks else 0
        typer.confirm(f"Remove {_told(found)} and {_counted(count, 'conversation')}?", abort=True, err=True)
    removal = remove_collection(settings.library)
    forgotten = talks.forget(name) if talks else Forgotten(0, 0)
    kept = kept_about(settings.home.expanduser(), name)
    if json:
        show.as_json({"removal": removal, "conversations": forgotten, "kept": [str(path) for path in kept]})
    else:
        _report(removal, forgotten, kept)
    if removal.left or forgotten.left:
        raise SystemExit(1)


def _conversations(path: Path) -> Conversations | None:
    """Open the conversations that are kept, if there are any."""
    from rag.conversations import Conversations

    return Conversations(path) if path.exists() else None


def _table(found: list[CollectionInfo]) -> None:
    from rag import show

    name_width = max(len("collection"), *(len(info.name) for info in found))
    show.line(f"{'collection':{name_width}}  {'documents':>9}  {'bytes':>15}")
    for info in found:
        documents = "–" if info.documents is None else f"{info.documents:,}"
        show.line(f"{info.name:{name_width}}  {documents:>9}  {info.bytes:>15,}  {info.problem}".rstrip())


def _report(removal: CollectionRemoval, forgotten: Forgotten, kept: Sequence[Path]) -> None:
    from rag import show

    show.line(f"removed {_told(removal.info)} and {_counted(forgotten.conversations, 'conversation')}")
    left = (*removal.left, *forgotten.left)
    if left:
        show.errors.print(f"still there: {show.safe(', '.join(left))}: delete what of it can be deleted")
    elif not kept:
        show.line("nothing of it is left")
    if kept:
        show.line(f"kept are {_counted(len(kept), 'file')} with questions about it, which may quote it:")
        for path in kept:
            show.line(f"  {show.safe(str(path))}")
        show.line("delete them too if nothing of it may stay")


def _told(info: CollectionInfo) -> str:
    documents = "documents that cannot be counted" if info.documents is None else _counted(info.documents, "document")
    return f"the collection {info.name!r} with {documents} ({info.bytes:,} bytes)"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
