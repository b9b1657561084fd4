"""The command line: questions, models, the chat and the API.

Documents, collections and evaluations have modules of their own.

Errors that a user can do something about end here, as one line and an exit code: 1 when something failed, 2 when it
was asked for wrongly. Heavy imports are made by the command that needs them, so that `rag --help` is quick.
"""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from rag.cli_collections import commands as collection_commands
from rag.cli_documents import commands as document_commands
from rag.cli_eval import commands as eval_commands
from rag.options import (
    After,
    AsJson,
    Authors,
    Before,
    Collection,
    Config,
    Sources,
    Types,
    open_assistant,
    open_library,
    read_filters,
    read_settings,
)

if TYPE_CHECKING:
    from pathlib import Path

    from rag.settings import Settings

app = typer.Typer(
    name="rag",
    help="Ask your documents a question: every sentence of the answer is cited to their exact words and checked.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(document_commands)
app.add_typer(collection_commands, name="collections")
app.add_typer(eval_commands, name="eval")

Host = Annotated[
    str, typer.Option(help="Address to listen on; on another than this machine's own, RAG_API_TOKEN must be set.")
]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")]
Model = Annotated[str | None, typer.Option("--model", "-m", help="extractive, gguf:…, transformers:… or openai:…")]


def main() -> NoReturn:
    """Run the command line; the entry point of the `rag` script."""
    from index.errors import LibraryError
    from prompts import PromptError
    from rag.errors import RagError

    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a byte that is no character costs itself alone
    try:
        app()
    except (LibraryError, PromptError, RagError) as error:
        sys.stderr.write(f"rag: {error}\n")
        raise SystemExit(error.exit_code) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
    except OSError as error:
        sys.stderr.write(f"rag: {error}: check that the place is there, may be written, and has room\n")
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        sys.stderr.write("rag: stopped\n")
        raise SystemExit(130) from None
    raise SystemExit(0)


# Questions


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question; - reads it from standard input.")],
    model: Model = None,
    passages: Annotated[int | None, typer.Option(help="Passages kept in the trace.")] = None,
    refuse_below: Annotated[float | None, typer.Option(help="Refuse below this chance of an answer, 0 to 1.")] = None,
    base_url: Annotated[str | None, typer.Option(help="Address of the service for openai:NAME.")] = None,
    trace: Annotated[bool, typer.Option("--trace", help="Show how the answer came about.")] = False,
    source: Sources = None,
    author: Authors = None,
    after: After = None,
    before: Before = None,
    type: Types = None,  # noqa: A002 - the option is called so
    collection: Collection = None,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Ask a question and print the checked, cited answer."""
    from rag import show

    settings = read_settings(
        config,
        collection=collection,
        model=model,
        passages=passages,
        refuse_below=refuse_below,
        base_url=base_url,
    )
    filters = read_filters(source, author, after, before, type)
    assistant = open_assistant(settings, open_library(settings))
    text = sys.stdin.read() if question == "-" else question
    if json:
        show.as_json(assistant.ask(text, filters=filters).to_dict())
    else:
        show.streamed(assistant.stream(text, filters=filters), trace=trace)


@app.command()
def chat(model: Model = None, collection: Collection = None, config: Config = None) -> None:
    """Ask questions in turn; a follow-up is understood from the ones before."""
    from rag import show

    settings = read_settings(config, collection=collection, model=model)
    show.chat(open_assistant(settings, open_library(settings)))


@app.command()
def models(model: Model = None, config: Config = None, json: AsJson = False) -> None:
    """Show which models can write answers here, and which would be used."""
    from index.embed import find_weights
    from rag import show
    from rag.models import describe, model_options

    settings = read_settings(config, model=model)
    infos = describe(model_options(settings))
    if json:
        show.as_json({"model": settings.model, "embedder": settings.embedder, "models": infos})
    else:
        show.models(infos, settings, find_weights(settings.embedder))


@app.command()
def ui(
    model: Model = None,
    host: Host = "127.0.0.1",
    port: Port = 7860,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    collection: Collection = None,
    config: Config = None,
) -> None:
    """Open the chat in the browser, with the API beside it."""
    settings = read_settings(config, collection=collection, model=model)
    _serve(settings, "The chat is at {}", config=config, host=host, port=port, open_browser=open_browser)


@app.command()
def serve(
    model: Model = None,
    host: Host = "127.0.0.1",
    port: Port = 7860,
    collection: Collection = None,
    config: Config = None,
) -> None:
    """Serve the API alone, for programs and for other chats."""
    settings = read_settings(config, collection=collection, model=model)
    _serve(settings, "The API is at {}api/v1/docs", config=config, host=host, port=port, page=False)


def _serve(
    settings: Settings,
    told: str,
    *,
    config: Path | None,
    host: str,
    port: int,
    page: bool = True,
    open_browser: bool = False,
) -> None:
    from rag import show
    from ui.app import serve as serve_app

    library = open_library(settings, create=True)
    serve_app(
        open_assistant(settings, library),
        library,
        settings,
        host=host,
        port=port,
        page=page,
        open_browser=open_browser,
        on_ready=lambda url: show.line(f"{told.format(url)} (stop with Ctrl+C)"),
        config=config,
    )
