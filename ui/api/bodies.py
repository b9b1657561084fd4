"""What the requests of the API hold, checked field by field, and what its answers hold, for their description.

`AnswerBody` describes `Answer.to_dict()`, which is sent as it is; a test holds the two together.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from index.dates import iso_date
from rag.filters import Filters
from rag.settings import COLLECTION
from rag.types import Status, Turn, Verdict

MOST_TURNS = 200
LONGEST_TURN = 100_000

Name = Annotated[str, Field(pattern=COLLECTION, description="Name of a collection.")]
Few = Annotated[list[str], Field(max_length=100)]


class Body(BaseModel):
    """The body of a request: a field that is not known is an error, not ignored."""

    model_config = ConfigDict(extra="forbid")


class FiltersBody(Body):
    """Which documents to look at; filters of one kind are alternatives, those of different kinds hold together."""

    source: Few = Field(default=[], description="Files, folders, patterns with * of either, or publishers.")
    author: Few = Field(default=[], description="Some words of a name.")
    after: str | None = Field(default=None, description="First date that is looked at: 2014, 2014-05, 2014-05-08.")
    before: str | None = Field(default=None, description="First date that no longer is.")
    type: Few = Field(default=[], description="Kinds of files: pdf, docx, …, or word, sheet, slides, mail, web.")

    def filters(self) -> Filters:
        """Return the filters; dates may be written as people do.

        Raises:
            QuestionError: when a date is none, or no day is left.
        """
        after, before = (date and (iso_date(date) or date) for date in (self.after, self.before))
        return Filters(tuple(self.source), tuple(self.author), after, before, tuple(self.type))


class TurnBody(Body):
    """An earlier question of the conversation, and the answer that was shown."""

    question: str = Field(max_length=LONGEST_TURN)
    answer: str = Field(default="", max_length=LONGEST_TURN)
    standalone: str = Field(
        default="", max_length=LONGEST_TURN, description="The question as it was understood: trace.standalone_question."
    )

    def turn(self) -> Turn:
        """Return the turn as the assistant takes it."""
        return Turn(self.question, self.answer, self.standalone)


class AskBody(Body):
    """A question."""

    question: str
    collection: Name | None = None
    model: str | None = Field(
        default=None, max_length=500, description="Who writes: extractive, gguf:package, openai:NAME."
    )
    filters: FiltersBody = Field(
        default=FiltersBody(), description="Which documents to look at: source, author, type (lists), after, before."
    )
    history: list[TurnBody] = Field(
        default=[],
        max_length=MOST_TURNS,
        description="Earlier turns, the first one first: question, answer, standalone.",
    )
    stream: bool = Field(default=False, description="Send server-sent events: stage, sentence, answer, error.")


# Answers


class SpanBody(BaseModel):
    """A span of a document's text: `text[start:end]`."""

    start: int
    end: int


class PlaceBody(SpanBody):
    """Words of a document, and where they stand."""

    document: str
    source: str
    title: str
    author: str | None
    date: str | None
    page: int | None
    quote: str


class CitationBody(PlaceBody):
    """The exact words that support a sentence."""

    id: int


class SentenceBody(BaseModel):
    """A sentence of an answer, how it stands to its evidence, its citations, and what must be said before it."""

    text: str
    verdict: Verdict
    score: float
    citations: list[int]
    lead: str


class DroppedBody(BaseModel):
    """A draft sentence that is not shown."""

    text: str
    why: str


class RetrievedBody(SpanBody):
    """A passage that was found, with its ranks and scores."""

    document: str
    text: str
    ranks: dict[str, int]
    fused: float
    evidence: float | None
    best: SpanBody | None
    score: float


class TraceBody(BaseModel):
    """How an answer came about."""

    standalone_question: str
    filters: dict[str, str]
    answerable: float
    model: str
    tokens: dict[str, int]
    timings_ms: dict[str, float]
    retrieved: list[RetrievedBody]
    missing: list[str]
    notes: list[str]


class AnswerBody(BaseModel):
    """A checked answer, or a refusal with the nearest passages; the same as of `rag ask --json`."""

    question: str
    status: Status
    answer: str
    sentences: list[SentenceBody]
    citations: list[CitationBody]
    nearest: list[PlaceBody]
    dropped: list[DroppedBody]
    trace: TraceBody


# Documents


class MetadataBody(Body):
    """Values to put in the place of a document's own; "" takes one away, null leaves it as it is."""

    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    date: str | None = Field(default=None, description="2014, May 2014, 2014-05-08.")
    language: str | None = Field(default=None, description="Its code, as en or de.")


class DocumentBody(BaseModel):
    """A document of a list: all but its texts."""

    id: str
    title: str
    source: str
    kind: str
    metadata: dict[str, Any]
    characters: int
    sentences: int
    passages: int
    pages: int
    added: str


class FileBody(BaseModel):
    """What became of one uploaded file, and why."""

    file: str
    outcome: str
    detail: str
    document: str


class TracesBody(BaseModel):
    """What is there of a document: rows of the database, entries of the indexes, files that hold words of it."""

    documents: int
    paths: int
    sentences: int
    passages: int
    vectors: int
    words: int
    files: list[str]


class RemovalBody(BaseModel):
    """What was removed, what there was of it, and what is left of it: nothing. `searched` counts bytes of files."""

    removed: DocumentBody
    before: TracesBody
    left: TracesBody
    searched: int


class CitationInContextBody(SpanBody):
    """A citation where it stands; `changed` says that other words stand there than the quote that was given."""

    document: str
    title: str
    source: str
    metadata: dict[str, Any]
    quote: str
    paragraph: dict[str, Any]
    page: int | None
    note: str | None
    raw: dict[str, Any] | None
    changed: bool
    found: SpanBody | None


# Collections and evaluation


class CollectionBody(Body):
    """A new collection."""

    name: Name


class CollectionTracesBody(BaseModel):
    """What there is of a collection: its documents, files and bytes, and what was asked in conversations with it."""

    documents: int | None = Field(description="null where the library is damaged, so that they cannot be counted.")
    files: int
    bytes: int
    conversations: int
    questions: int


class CollectionRemovalBody(BaseModel):
    """What was removed, what there was of it, and the files in which something of it is left: none.

    `searched` counts the bytes of conversations that were looked through.
    """

    removed: str
    before: CollectionTracesBody
    left: list[str]
    searched: int


class SetBody(BaseModel):
    """A set that was kept; `not_placed` names the evidence that stands in no document of the collection."""

    name: str
    path: str
    questions: int
    unanswerable: int
    not_placed: list[str]


class RunBody(Body):
    """A set whose questions are to be asked."""

    set: str = Field(max_length=200)
    collection: Name | None = None
    model: str | None = Field(default=None, max_length=500)


RunState = Literal["running", "done", "stopped", "failed", "interrupted"]
