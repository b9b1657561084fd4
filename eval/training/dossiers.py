"""Dossiers: texts of our own on one subject, by several authors, with questions on all of them together.

What seems to answer a question stands mostly in another text than what does: the nearest practice to a library of
reports. A question comes with windows of the texts and, as `rag.evidence` puts it to the model in the end, with the
best-looking sentences of all of them side by side.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.training.data import PART, Essay, Example, own_essays, read_essay, spared
from index.embed import Embedder
from rag.evidence import COVERAGE_WEIGHT
from rag.facts import coverage, terms

DOSSIERS = Path(__file__).parent / "dossiers.jsonl"
LIKE = 3
"""Windows without the answer that come with a question, those that hold the best-looking sentences."""
FEWEST, MOST, DRAWN_FROM = 3, 7, 14
"""Sentences side by side, and of how many of the best-looking they are drawn."""
WITHOUT = 0.3
"""Share of the answered questions whose sentences come side by side without the answer."""
Place = tuple[int, int]
"""A text of a dossier and a sentence of it."""


@dataclass(frozen=True)
class Asked:
    """A question on a dossier: the sentences that answer it, none of them if none does, and those that seem to."""

    question: str
    holds: tuple[Place, ...]
    near: tuple[Place, ...]
    kind: str = ""
    """What it is where the heading of a text may decide: `misplaced` says under the name or year of a text what another
    says, `plain` names what the text names elsewhere than in the sentence that answers."""


@dataclass(frozen=True)
class Dossier:
    """Some texts on one subject and the questions on them."""

    name: str
    texts: tuple[Essay, ...]
    questions: tuple[Asked, ...]

    @property
    def spared(self) -> bool:
        """Say whether it is not trained on."""
        return spared(self.name)


@cache
def own_dossiers() -> tuple[Dossier, ...]:
    """Return our own dossiers."""
    return tuple(_dossier(json.loads(line)) for line in DOSSIERS.read_text(encoding="utf-8").splitlines())


def _dossier(row: dict[str, Any]) -> Dossier:
    texts = tuple(read_essay(text | {"questions": []}) for text in row["texts"])
    numbers = {text.name[-1]: number for number, text in enumerate(texts)}

    def places(found: dict[str, list[int]]) -> tuple[Place, ...]:
        return tuple(sorted((numbers[letter], i) for letter, sentences in found.items() for i in sentences))

    asked = (
        Asked(
            q["question"],
            places(q["holds"]),
            places(q["near"]),
            q["type"] if q["type"] in ("misplaced", "plain") else "",
        )
        for q in row["questions"]
    )
    return Dossier(row["id"], texts, tuple(asked))


def alone(essay: Essay) -> Dossier:
    """Return an essay as a dossier of one text."""
    asked = (Asked(q.question, tuple((0, i) for i in q.holds), ((0, q.focus),)) for q in essay.questions)
    return Dossier(essay.name, (essay,), tuple(asked))


def read_dossiers(embedder: Embedder, chance: random.Random) -> Iterator[Example]:
    """Yield what is trained on of dossiers and, side by side, of essays."""
    for dossier in own_dossiers():
        if not dossier.spared:
            looks = _Looks(dossier, embedder)
            for asked in dossier.questions:
                yield from windows(dossier, asked, looks.best(asked))
                yield side_by_side(dossier, asked, looks.best(asked), chance)
                yield side_by_side(dossier, asked, looks.best(asked), chance)
    for essay in own_essays():
        if not essay.spared:
            dossier = alone(essay)
            looks = _Looks(dossier, embedder)
            yield from (side_by_side(dossier, q, looks.best(q), chance) for q in dossier.questions)


class _Looks:
    """How well each sentence of a dossier looks for its questions: cosine and coverage, as in the first look."""

    def __init__(self, dossier: Dossier, embedder: Embedder) -> None:
        self._places = [(t, i) for t, text in enumerate(dossier.texts) for i in range(len(text.sentences))]
        self._sentences = [dossier.texts[t].sentences[i] for t, i in self._places]
        self._vectors: NDArray[np.float32] = embedder.encode(self._sentences)
        questions = [q.question for q in dossier.questions]
        self._asked = dict(zip(questions, embedder.encode(questions), strict=True))
        held = [set(terms(s)) for s in self._sentences]
        self._rarity = {
            term: float(np.log(1 + len(held) / sum(term in h for h in held))) for term in set().union(*held)
        }
        self._common = float(np.log(1 + len(held)))

    def best(self, asked: Asked) -> list[Place]:
        """Return all places, the best-looking first."""
        weights = {t: self._rarity.get(t, self._common) for t in terms(asked.question)}
        cosines = self._vectors @ self._asked[asked.question]
        scores = [
            float(cosine) + COVERAGE_WEIGHT * coverage(weights, s)
            for cosine, s in zip(cosines, self._sentences, strict=True)
        ]
        return [self._places[i] for i in sorted(range(len(scores)), key=lambda i: -scores[i])]


def windows(dossier: Dossier, asked: Asked, best: Sequence[Place]) -> Iterator[Example]:
    """Yield windows of the texts: around each answer, and around what looks best and is none."""
    for text, group in groupby(asked.holds, key=lambda place: place[0]):
        numbers = [i for _, i in group]
        yield _window(dossier, asked, (text, numbers[0]))
    clear = [(t, i) for t, i in (*asked.near, *best) if all(t != a or abs(i - b) >= PART for a, b in asked.holds)]
    chosen: list[Place] = []
    for text, i in clear:
        if len(chosen) < LIKE and all(text != a or abs(i - b) >= PART // 2 for a, b in chosen):
            chosen.append((text, i))
    yield from (_window(dossier, asked, place) for place in chosen)


def _window(dossier: Dossier, asked: Asked, place: Place) -> Example:
    text, focus = dossier.texts[place[0]], place[1]
    first = max(0, min(focus - PART // 2, len(text.sentences) - PART))
    chosen = range(first, min(first + PART, len(text.sentences)))
    held = [i - first for t, i in asked.holds if t == place[0] and i in chosen]
    sentences = tuple(text.sentences[i] for i in chosen)
    return Example(
        asked.question,
        text.heading,
        sentences,
        frozenset(held),
        tuple((i, 0, len(sentences[i])) for i in held),
        focus - first,
        asked.kind or "dossier",
        asked.question,
        sentences,
    )


def side_by_side(dossier: Dossier, asked: Asked, best: Sequence[Place], chance: random.Random) -> Example:
    """Return some of the best-looking sentences in the order of the texts, with the answer among them or not."""
    count = chance.randint(FEWEST, MOST)
    held = set() if chance.random() < WITHOUT else set(chance.sample(asked.holds, min(len(asked.holds), count - 1)))
    seeming = [*asked.near, *(place for place in best if place not in asked.near)]
    others = [place for place in seeming if place not in asked.holds][:DRAWN_FROM]
    chosen = sorted(held | set(chance.sample(others, min(count - len(held), len(others)))))
    sentences = tuple(dossier.texts[t].sentences[i] for t, i in chosen)
    firsts = {next(group) for _, group in groupby(chosen, key=lambda place: place[0])}
    heads = tuple(f"{dossier.texts[p[0]].brief}:" if p in firsts else "" for p in chosen)
    inside = [number for number, place in enumerate(chosen) if place in held]
    made = Example(
        asked.question,
        "",
        sentences,
        frozenset(inside),
        tuple((number, 0, len(sentences[number])) for number in inside),
        inside[0] if inside else chance.randrange(len(chosen)),
        "beside",
        asked.question,
        sentences,
    )
    return replace(made, heads=heads)
