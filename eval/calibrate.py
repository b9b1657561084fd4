"""Fit the chance that a library holds the answer: `python -m eval.calibrate DATA`.

Prints the intercept and the coefficients that `rag.enough` holds, and how well they do on each set when they are
fitted on the others. Nothing that the evidence model was trained on is used: the SQuAD articles, the articles
of our own questions, our essays and our dossiers are those that training spares. Follow-ups are asked a second time,
with the documents that answer them left out. Each set counts the same, however many questions it has; those of
questions on other subjects, which are easily told, count for less.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from eval.answers.conversations import DOCUMENTS, read_conversations
from eval.formats import Evidence, load_set
from eval.metrics import auroc, calibration_error
from eval.placing import Missing, Places
from eval.retrieval.asking import Way
from eval.retrieval.corpora import Entry, read_paragraphs, without_titles
from eval.retrieval.libraries import build
from eval.retrieval.questions import build as build_documents
from eval.training.data import own_articles, own_essays, own_questions
from eval.training.dossiers import own_dossiers
from index.library import Library
from rag.answer import REFUSAL
from rag.catalogue import catalogue_of
from rag.enough import first_features, read_features
from rag.question import standalone
from rag.reader import open_reader
from rag.settings import Settings, load_settings
from rag.show import Bar
from rag.types import Query, Turn

OFF = 120
"""Questions of each set asked of the other set's library, which has nothing on them."""
OFF_WEIGHT = 0.15
"""What each of these two counts for, against 1 for a set."""
console = Console(highlight=False)


@dataclass(frozen=True)
class Rows:
    """The questions of one set: what the chance is made of, shape (questions, features), and which are answered."""

    name: str
    values: NDArray[np.float64]
    answered: NDArray[np.bool_]

    @property
    def weight(self) -> float:
        """Return what the set counts for."""
        return 1.0 if self.answered.any() else OFF_WEIGHT


def main(
    data: Annotated[Path, typer.Argument(help="Folder of the public sets.")],
    evidence_model: Annotated[str, typer.Option(help="default, off, or a folder of weights.")] = "default",
    cache: Annotated[Path, typer.Option(help="Folder that keeps libraries.")] = Path(".bench-cache"),
    sample: Annotated[int, typer.Option(help="Most questions of a set.")] = 500,
    asked: Annotated[list[Path] | None, typer.Option("--set", help="Questions of your own, fitted too.")] = None,
    documents: Annotated[list[Path] | None, typer.Option(help="The documents of each such set, in order.")] = None,
) -> None:
    """Fit the chance and print it."""
    settings = load_settings({"evidence_model": evidence_model, "home": cache})
    way = Way(open_reader(evidence_model, settings.cache / "evidence"), settings)
    squad, own, essays = _squad(data, settings), _own(data, settings), _essays(settings)
    dossiers, follow_ups = _dossiers(settings), _follow_ups(settings)
    chance = random.Random(0)
    given: dict[str, tuple[Library, Sequence[tuple[str | Query, bool]]]] = {
        "follow-ups": follow_ups,
        "squad": (squad[0], chance.sample(squad[1], min(sample, len(squad[1])))),
        "own": (own[0], chance.sample(own[1], min(sample, len(own[1])))),
        "essays": (essays[0], chance.sample(essays[1], min(sample, len(essays[1])))),
        "dossiers": (dossiers[0], chance.sample(dossiers[1], min(sample, len(dossiers[1])))),
        "off": (squad[0], [(q, False) for q, _ in chance.sample(own[1], min(OFF, len(own[1])))]),
        "off, own": (own[0], [(q, False) for q, _ in chance.sample(squad[1], min(OFF, len(squad[1])))]),
    }
    for path, folder in zip(asked or [], documents or [], strict=True):
        items = load_set(path).items
        given[path.stem] = build_documents(path.stem, folder, settings), [(i.question, i.answerable) for i in items]
    rows = [_ask(name, library, questions, way) for name, (library, questions) in given.items()]
    intercept, coefficients = fit(rows)
    console.print(f"intercept {intercept:.2f}, coefficients {tuple(round(c, 2) for c in coefficients)}")
    shown = Table("set", "questions", "AUROC", "calibration error", "AUROC, fitted without", "error, fitted without")
    for one in rows:
        others = fit([r for r in rows if r is not one])
        shown.add_row(
            one.name, str(len(one.answered)), *_figures(one, (intercept, coefficients)), *_figures(one, others)
        )
    console.print(shown)


def fit(rows: Sequence[Rows]) -> tuple[float, list[float]]:
    """Return intercept and coefficients of a logistic regression in which a set counts for its weight."""
    from sklearn.linear_model import LogisticRegression

    values, answered = np.concatenate([r.values for r in rows]), np.concatenate([r.answered for r in rows])
    weights = np.concatenate([np.full(len(r.answered), r.weight / len(r.answered)) for r in rows])
    model = LogisticRegression(C=100.0, max_iter=1000)
    model.fit(values, answered, weights * len(answered) / weights.sum())
    return float(model.intercept_[0]), model.coef_[0].tolist()


def _figures(rows: Rows, fitted: tuple[float, Sequence[float]]) -> tuple[str, str]:
    chances = (1 / (1 + np.exp(-fitted[0] - rows.values @ np.array(fitted[1])))).tolist()
    answered = rows.answered.tolist()
    ranked = f"{auroc(chances, answered):.3f}" if len(set(answered)) == 2 else "–"
    return ranked, f"{calibration_error(chances, answered):.3f}"


def _ask(name: str, library: Library, questions: Sequence[tuple[str | Query, bool]], way: Way) -> Rows:
    values = []
    with Bar(f"Asking {name}") as bar:
        for number, (question, _) in enumerate(questions, start=1):
            query = way.query(question, library) if isinstance(question, str) else question
            evidence = way.evidence_for(query, library.embedder.encode_query(query.text), library)
            values.append((read_features if way.reader else first_features)(evidence.findings))
            bar.update(number, len(questions), query.text)
    return Rows(name, np.array(values, np.float64), np.array([answered for _, answered in questions]))


def _squad(data: Path, settings: Settings) -> tuple[Library, list[tuple[str, bool]]]:
    given = without_titles(read_paragraphs(data / "squad2" / "squad2-dev-part.json"))
    built = build("squad2-dev-part", given.entries, settings)
    return built.library, [(q.question, q.answered) for q in given.questions if q.part == "dev"]


def _own(data: Path, settings: Settings) -> tuple[Library, list[tuple[str, bool]]]:
    entries = [Entry(name, " ".join(parts)) for name, parts in own_articles(data).items()]
    library = build("own", entries, settings).library
    return library, [(q.question, bool(q.holds)) for q in own_questions() if q.spared]


def _essays(settings: Settings) -> tuple[Library, list[tuple[str, bool]]]:
    essays = own_essays()
    entries = [Entry(essay.name, essay.text, essay.title, essay.author, essay.date) for essay in essays]
    asked = [q for essay in essays for q in essay.questions if q.spared]
    return build("essays", entries, settings).library, [(q.question, bool(q.holds)) for q in asked]


def _dossiers(settings: Settings) -> tuple[Library, list[tuple[str, bool]]]:
    spared = [dossier for dossier in own_dossiers() if dossier.spared]
    entries = [Entry(t.name, t.text, t.title, t.author, t.date) for dossier in spared for t in dossier.texts]
    asked = [(q.question, bool(q.holds)) for dossier in spared for q in dossier.questions]
    return build("dossiers", entries, settings).library, asked


def _follow_ups(settings: Settings) -> tuple[Library, list[tuple[Query, bool]]]:
    """Return the later questions of the conversations that rules were tuned on.

    Each is asked as it stands, and where no document that answers it may be looked at.
    """
    library = build_documents("eurasia", DOCUMENTS, settings)
    places, catalogue = Places(library), catalogue_of(library)
    asked: list[tuple[Query, bool]] = []
    for conversation in read_conversations():
        history: list[Turn] = []
        for turn in conversation.turns if conversation.part == "tuning" else ():
            query = standalone(turn.question, history, catalogue)
            placed = [places.place(Evidence(quote.doc, quote.quote)) for quote in turn.evidence]
            answering = {place.span.document for place in placed if not isinstance(place, Missing)}
            if query.text != turn.question:
                without = _elsewhere(query, frozenset(catalogue.documents) - answering)
                asked += [(query, bool(answering)), *([(without, False)] if answering and without.among else [])]
            said = " ".join(f"{quote.quote} [{number}]" for number, quote in enumerate(turn.evidence, start=1))
            history.append(Turn(turn.question, said or REFUSAL, turn.standalone))
    return library, asked


def _elsewhere(query: Query, left: frozenset[str]) -> Query:
    """Return the question asked of some documents only."""
    among = left if query.among is None else query.among & left
    parts = tuple(_elsewhere(part, left) for part in query.parts)
    return replace(query, among=among, preferred=query.preferred & left, parts=parts)


if __name__ == "__main__":
    typer.run(main)
