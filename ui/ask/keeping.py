"""A question that was asked becomes one of a set: what a person has approved of it, with its answer and passages.

Writes as proposals are written (`eval.propose`), and imports no gradio.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from eval.formats import TYPES, Evidence, Item, SetError
from eval.propose import Proposal, Session
from rag.exchange import Exchange, Place
from ui.sets import shelf as sets
from ui.sets.sitting import facts_of

NEW = ""
"""Stands for a set that is not there yet, in the choice of sets."""

_one_at_a_time = Lock()


@dataclass(frozen=True)
class Form:
    """What stands in the form: what a person has written, or at first what was asked and answered."""

    set_name: str
    new_name: str
    question: str
    type: str
    answer: str
    facts: str
    places: frozenset[str]


def first_form(exchange: Exchange, names: list[str]) -> Form:
    """Return the form as it is opened: a refusal has no answer, and every citation of an answer is approved."""
    refused = exchange.answer is None or exchange.answer.status == "refused"
    trace = exchange.answer.trace if exchange.answer else None
    asked = trace.standalone_question if trace and trace.standalone_question else exchange.question
    return Form(
        names[0] if names else NEW,
        "",
        asked,
        "unanswerable" if refused else "factoid",
        "" if refused else " ".join(sentence.text for sentence in exchange.sentences),
        "",
        frozenset(str(citation.id) for citation in exchange.citations),
    )


def form_of(data: Mapping[str, str]) -> Form:
    """Return what a page has sent."""
    return Form(
        data.get("set", ""),
        data.get("new", ""),
        data.get("question", ""),
        data.get("type", ""),
        data.get("answer", ""),
        data.get("facts", ""),
        frozenset(data.get("places", "").split(",")),
    )


def keep(folder: Path, exchange: Exchange, form: Form) -> tuple[Path, Item]:
    """Add a question to a set, as the form says; return the set's file and the question as it was added.

    Raises:
        SetError: when what was written makes no question of a set, or it cannot be written; nothing is added then.
    """
    if form.type not in TYPES:
        raise SetError(f"{form.type!r} is no type of question: choose one of {', '.join(TYPES)}.")
    chosen = {key: place for key, place in exchange.places.items() if key in form.places}
    answerable = form.type not in ("unanswerable", "false-premise")
    if answerable and not chosen:
        raise SetError("Choose at least one passage that answers the question, or say that it has no answer.")
    item = Item(
        "",
        " ".join(form.question.split()),
        form.type,
        form.answer.strip(),
        (),
        tuple(map(tuple, facts_of(form.facts))) if answerable else (),
        tuple(map(_evidence, chosen.values())) if answerable else (),
    )
    path = sets.new(folder, form.new_name) if form.set_name == NEW else sets.path_of(folder, form.set_name)
    sets.check_writable(folder)
    with _one_at_a_time:
        session = Session(path)
        title, quote = next(((p.title, p.quote) for p in chosen.values()), ("", ""))
        try:
            return path, session.accept(Proposal(item, title, quote))
        except OSError as error:
            raise SetError(sets.unwritable(path, error)) from error


def _evidence(place: Place) -> Evidence:
    return Evidence(place.source.replace("\\", "/").rsplit("/", 1)[-1], place.quote, place.page)
