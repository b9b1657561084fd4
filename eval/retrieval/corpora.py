"""The public sets as texts with questions: SQuAD 2.0, XQuAD, and test collections in BEIR's form.

Here a paragraph is a text of its own, and its article says whether an evidence model is trained on it. Opens no
library and scores nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eval.formats.beir import load_beir
from eval.training.data import TRAINING_ARTICLES
from rag.errors import RagError


class CorpusError(RagError):
    """A set that cannot be used."""

    exit_code = 2


@dataclass(frozen=True)
class Entry:
    """A text to be found; `key` is its name in the set."""

    key: str
    text: str
    title: str = ""
    author: str = ""
    date: str = ""


@dataclass(frozen=True)
class Asked:
    """A question about one text. `answers` are its exact words in the text, none when the text does not answer."""

    question: str
    key: str
    answers: tuple[str, ...]
    part: str
    """The articles that it belongs to: "train" when an evidence model learns from them, else "dev"."""

    @property
    def answered(self) -> bool:
        """Say whether the text holds the answer."""
        return bool(self.answers)


@dataclass(frozen=True)
class Paragraphs:
    """Paragraphs and the questions asked of each."""

    name: str
    entries: tuple[Entry, ...]
    questions: tuple[Asked, ...]


@dataclass(frozen=True)
class Collection:
    """A test collection: texts, queries by their key, and which texts are relevant to each, with their grades."""

    name: str
    entries: tuple[Entry, ...]
    queries: Mapping[str, str]
    relevant: Mapping[str, Mapping[str, int]]


def read_paragraphs(path: Path, *, training: int = TRAINING_ARTICLES) -> Paragraphs:
    """Read a file of the form of SQuAD 1.1, 2.0 or XQuAD; the first `training` articles are marked as trained on."""
    entries: list[Entry] = []
    questions: list[Asked] = []
    for number, article in enumerate(_json(path)["data"]):
        part = "train" if number < training else "dev"
        for paragraph in article["paragraphs"]:
            key = f"{len(entries):06}"
            entries.append(Entry(key, paragraph["context"], article["title"].replace("_", " ")))
            for asked in paragraph["qas"]:
                answers = dict.fromkeys(a["text"] for a in asked["answers"])
                questions.append(Asked(asked["question"].strip(), key, tuple(answers), part))
    if not questions:
        raise CorpusError(f"{path}: no question in it; expected the form of SQuAD")
    return Paragraphs(path.stem, tuple(entries), tuple(questions))


def without_titles(paragraphs: Paragraphs) -> Paragraphs:
    """Return the paragraphs without the titles of their articles: nothing but their own words."""
    return replace(paragraphs, entries=tuple(replace(e, title="") for e in paragraphs.entries))


def mark_trained(paragraphs: Paragraphs, trained: Paragraphs) -> Paragraphs:
    """Return a set in which the paragraphs that `trained` has in its training part are marked as trained on."""
    learnt = {q.key for q in trained.questions if q.part == "train"}
    texts = {_folded(e.text) for e in trained.entries if e.key in learnt}
    known = {e.key for e in paragraphs.entries if _folded(e.text) in texts}
    marked = tuple(replace(q, part="train" if q.key in known else "dev") for q in paragraphs.questions)
    return replace(paragraphs, questions=marked)


def read_collection(folder: Path) -> Collection:
    """Read a BEIR folder; queries to which nothing is relevant are left out."""
    given = load_beir(folder)
    return Collection(
        folder.name,
        tuple(Entry(text.name, text.text, text.title) for text in given.texts),
        {item.id: item.question for item in given.items},
        {item.id: {e.doc: e.relevance for e in item.evidence} for item in given.items},
    )


def _folded(text: str) -> str:
    return " ".join(text.split())


def _json(path: Path) -> Any:
    try:
        return json.loads(_text(path))
    except json.JSONDecodeError as error:
        raise CorpusError(f"{path}: not JSON ({error}); expected the form of SQuAD") from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror}); is the set complete?") from error
