"""`rag eval new`: questions are proposed from the documents, and a person accepts, edits or rejects each.

Shows and asks; what a proposal is and what becomes of it is `eval.propose`'s. Every decision is on the disk before the
next question is asked, so that stopping at any moment loses nothing.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.options import Collection, Config, open_library, read_settings

if TYPE_CHECKING:
    from eval.propose import Proposal, Session, Writer
    from index.library import Library
    from rag.settings import Settings

CHOICES = "[a]ccept, [e]dit, [r]eject, [l]ater, [q]uit"


def new(
    questions: Annotated[Path, typer.Argument(help="The set to make or to add to, JSON Lines (.jsonl).")],
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many questions to propose.")] = 20,
    unanswerable: Annotated[
        float, typer.Option(min=0, max=1, help="Share of near misses, which the documents do not answer.")
    ] = 0.3,
    seed: Annotated[int, typer.Option(help="Another seed proposes in another order.")] = 0,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="A chat model that writes questions too; large ones do it well.")
    ] = None,
    collection: Collection = None,
    config: Config = None,
) -> None:
    """Make a set of questions: accept, edit or reject what is proposed from the documents."""
    from eval.propose import Session, propose
    from rag import show

    settings = read_settings(config, collection=collection, model=model)
    session = Session(questions)
    library = _library(questions, settings, named=collection is not None)
    show.line(f"{questions}: {len(session.items)} questions so far. Looking for sentences to ask about…")
    proposals = propose(
        library,
        share=unanswerable,
        seed=seed,
        writer=_writer(settings) if model else None,
        known=session.known,
        quotes=session.quotes,
    )
    shown = 0
    for shown, proposal in enumerate(islice(proposals, count), 1):
        _show(proposal, f"{shown}/{count}")
        if not _decide(session, proposal):
            break
    if not shown:
        show.line(
            "No question can be made of these documents (the forms know English, and plain sentences with a name); "
            "add documents, or name a larger --model"
        )
    show.line(
        f"{questions}: {len(session.items)} questions; of all that was proposed {session.count('accepted')} were "
        f"accepted, {session.count('edited')} edited, {session.count('rejected')} rejected"
    )


def _library(questions: Path, settings: Settings, *, named: bool) -> Library:
    """Open the library of the documents beside the set, as `rag eval` does, or the collection."""
    from eval.formats import QuestionSet
    from eval.formats.lines import beside
    from eval.formats.source import name_of
    from eval.set_library import library_for
    from rag import show

    paths = beside(questions)
    if named or not paths:
        return open_library(settings)
    with show.Bar("Reading the set's documents") as bar:
        # The name that `load_set` gives it, so that the library is the one that `rag eval` asks.
        own = QuestionSet(name_of(questions), (), questions, paths=paths)
        return library_for(own, settings, progress=bar.update, tell=show.line)


def _writer(settings: Settings) -> Writer | None:
    from eval.propose import Writer
    from rag.models import model_options, open_model

    model = open_model(settings.model, model_options(settings))
    return Writer(model, prompts=settings.prompts, seed=settings.seed) if model else None


def _show(proposal: Proposal, number: str) -> None:
    from rag import show

    item = proposal.item
    place = item.evidence[0] if item.evidence else None
    page = f", page {place.page}" if place and place.page else ""
    source = f"{place.doc}{page}" if place else f"no document answers it: {proposal.note}"
    lines = ["", f"{number}  {item.type}  ({source})", f"  Question  {item.question}"]
    if item.answer:
        lines.append(f"  Answer    {item.answer}")
    if item.must_include:
        lines.append(f"  Facts     {'; '.join(' or '.join(ways) for ways in item.must_include)}")
    around = (proposal.before[-160:], f">> {proposal.quote} <<", proposal.after[:160])
    lines.append(f"  Document  “{proposal.title}”: {' '.join(filter(None, around))}")
    for line in lines:
        show.line(line)


def _decide(session: Session, proposal: Proposal) -> bool:
    """Ask what is to become of a proposal; return whether to go on."""
    from eval.formats import SetError
    from rag import show

    while True:
        try:
            choice = _ask(CHOICES).strip().lower()[:1]
            if choice == "r":
                session.reject(proposal)
            elif choice in ("a", "e"):
                item = session.accept(proposal, **(_changes(proposal) if choice == "e" else {}))
                show.line(f"  kept as {item.id}")
            if choice in ("a", "e", "r", "l", "q"):
                return choice != "q"
        except SetError as error:
            show.line(str(error))
        except typer.Abort:  # the end of the input
            return False


def _changes(proposal: Proposal) -> dict[str, Any]:
    """Ask for the question and its answer, what is there being kept by an empty line; return what was changed."""
    item = proposal.item
    changes = {}
    for field, label, value in (("question", "Question", item.question), ("answer", "Answer", item.answer)):
        if field == "answer" and not item.answerable:
            continue
        given = _ask(f"  {label}", value).strip()
        if given != value:
            changes[field] = given
    return changes


def _ask(prompt: str, default: str = "") -> str:
    answer: str = typer.prompt(prompt, default=default, show_default=bool(default))
    return answer
