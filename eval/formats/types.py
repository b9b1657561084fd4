"""What a set of questions is, whatever file it came from. Data only; nothing is read here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from rag.errors import RagError

AnswerableType = Literal[
    "factoid",
    "number",
    "date",
    "who-said",
    "list",
    "reason",
    "comparison",
    "cross-document",
    "temporal",
    "retrieval",
]
RefusalType = Literal["unanswerable", "false-premise"]

ANSWERABLE_TYPES: tuple[str, ...] = get_args(AnswerableType)
REFUSAL_TYPES: tuple[str, ...] = get_args(RefusalType)
TYPES = ANSWERABLE_TYPES + REFUSAL_TYPES
RETRIEVAL = "retrieval"
"""The type of a question of which only the evidence is known, and not the answer."""

SHOWN = 20
"""Problems of a set that are told at once; more are counted."""


class SetError(RagError):
    """A set of questions that cannot be used; the text has a line for each problem that was found."""

    exit_code = 2

    def __init__(self, *problems: str) -> None:
        shown = list(problems[:SHOWN])
        if len(problems) > SHOWN:
            shown.append(f"and {len(problems) - SHOWN} more problems of this kind")
        super().__init__("\n".join(shown))
        self.problems = problems


@dataclass(frozen=True)
class Evidence:
    """Where a question is answered: exact words of a document, or a page of it, or the whole of it.

    `doc` is a file name or how one starts; a file of exactly that name goes before others. `page`, from 1, says
    where to look for the quote, and stands in for it where the quote is not there word for word; `by_page` says that
    the page is meant, and the quote only tells what to read there. `relevance` is the grade of the judgement, for nDCG.
    """

    doc: str
    quote: str = ""
    page: int | None = None
    relevance: int = 1
    by_page: bool = False

    @property
    def whole(self) -> bool:
        """Whether a page or a document is meant, any passage of which counts, and not words to be covered."""
        return self.by_page or not self.quote


@dataclass(frozen=True)
class Item:
    """A question and what is known of its answer.

    An answer has all the facts when each group of `must_include` has at least one string in it. `where` is the place
    of the question in its file, for messages: "line 3".
    """

    id: str
    question: str
    type: str
    answer: str
    aliases: tuple[str, ...]
    must_include: tuple[tuple[str, ...], ...]
    evidence: tuple[Evidence, ...]
    where: str = field(default="", compare=False)

    @property
    def answerable(self) -> bool:
        """Whether the documents answer the question, so that a refusal would be wrong."""
        return self.type not in REFUSAL_TYPES


@dataclass(frozen=True)
class Text:
    """A document that a set brings as a text. `name` is what it is called as a file, and what evidence calls it."""

    name: str
    text: str
    title: str = ""
    author: str = ""
    date: str = ""

    @property
    def metadata(self) -> tuple[str, ...]:
        """What is known of it beside its words, as far as anything is."""
        return (self.title, self.author, self.date) if self.author or self.date else (self.title,)


@dataclass(frozen=True)
class QuestionSet:
    """A named set of questions, in the order of its file, and the documents that it brings.

    `digest` is the SHA-256 of the bytes that it was read from. `paths` are files and folders of documents, `texts`
    documents given as text. `remarks` say what of the file is not used.
    """

    name: str
    items: tuple[Item, ...]
    path: Path = Path()
    digest: str = ""
    paths: tuple[Path, ...] = ()
    texts: tuple[Text, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def own(self) -> bool:
        """Whether the set brings its own documents, to be asked in a library of their own."""
        return bool(self.paths or self.texts)


def unique(items: Sequence[Item], path: Path) -> tuple[Item, ...]:
    """Return the items if there are any and no two have the same id.

    Raises:
        SetError: with a line for each id that comes again.
    """
    if not items:
        raise SetError(f"{path}: the set is empty; expected at least one question")
    first: dict[str, Item] = {}
    problems = []
    for item in items:
        before = first.setdefault(item.id, item)
        if before is not item:
            problems.append(f"{path}, {item.where}, field id: {item.id!r} is already on {before.where}; ids are unique")
    if problems:
        raise SetError(*problems)
    return tuple(items)
