"""What the commands share: their common options, and the composition root.

Here alone a library, the models and an assistant are built from settings.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from index.library import Library
    from rag.assistant import Assistant
    from rag.filters import Filters
    from rag.settings import Settings

Collection = Annotated[str | None, typer.Option("--collection", "-c", help="Collection of documents.")]
Config = Annotated[Path | None, typer.Option("--config", help="Settings file in the place of rag.toml.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Sources = Annotated[
    list[str] | None,
    typer.Option(
        "--source", help="Look only at this file, folder, pattern ('reports/*') or publisher; may be repeated."
    ),
]
Authors = Annotated[list[str] | None, typer.Option("--author", help="Look only at this author; may be repeated.")]
After = Annotated[
    str | None, typer.Option("--after", help="Look only at what is dated from this day, month or year on: 2014-05.")
]
Before = Annotated[
    str | None, typer.Option("--before", help="Look only at what is dated before this day, month or year.")
]
Types = Annotated[
    list[str] | None,
    typer.Option(
        "--type", help="Look only at this type: pdf, docx, …, word, sheet, slides, mail, web; may be repeated."
    ),
]


def read_settings(config: Path | None, **flags: object) -> Settings:
    """Return the settings of this run: what the flags say goes before the environment and the file."""
    from rag.settings import load_settings

    return load_settings(flags, config)


def open_library(settings: Settings, *, create: bool = False) -> Library:
    """Open the library that the settings name, which must be there unless it may be created."""
    from index.embed import open_embedder
    from index.library import Library
    from index.workers import Limits

    embedder = open_embedder(settings.embedder, settings.cache, device=settings.device, offline=settings.offline)
    make = Library if create else Library.existing
    limits = Limits(settings.read_seconds, settings.read_memory_mb, settings.max_file_mb << 20)
    return make(settings.library, embedder, limits=limits)


def open_assistant(settings: Settings, library: Library) -> Assistant:
    """Return an assistant over a library that is open, with the models that the settings name."""
    from rag.assistant import Assistant
    from rag.models import model_options, open_model
    from rag.reader import open_reader

    model = open_model(settings.model, model_options(settings))
    reader = open_reader(settings.evidence_model, settings.cache / "evidence", offline=settings.offline)
    return Assistant(library, settings, model, reader)


def read_filters(
    sources: list[str] | None, authors: list[str] | None, after: str | None, before: str | None, types: list[str] | None
) -> Filters:
    """Return the filters of this run; dates may be written as people do, and paths begin at the working folder."""
    from rag.filters import Filters

    return Filters(
        tuple(map(_path, sources or ())), tuple(authors or ()), _iso(after), _iso(before), tuple(types or ())
    )


def _path(source: str) -> str:
    here = source in (".", "..") or source.startswith(("./", "../", "~/"))
    return str(Path(source).expanduser().resolve()) if here else source


def _iso(date: str | None) -> str | None:
    if date is None:
        return None
    from index.dates import iso_date  # its patterns take a moment, and most questions need none

    return iso_date(date) or date
