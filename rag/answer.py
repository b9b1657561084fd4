"""A draft becomes an answer: sentences are kept with numbered citations or dropped with a reason; or it is refused."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

from index.library import Library
from rag.evidence import Evidence
from rag.types import (
    Answer,
    AnswerSentence,
    Checked,
    Citation,
    Dropped,
    EvidenceSentence,
    Nearest,
    Trace,
    Verdict,
)
from rag.verify import Judgement
from rag.voices import leads

REFUSAL = "The documents do not answer this question."
REFUSAL_OF_TALK = "The documents do not answer this question: it is about this conversation."
NEAREST = 3


class Clock:
    """Adds up the milliseconds of each stage."""

    def __init__(self) -> None:
        self._start = self._last = perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        """Count the time since the last lap to a stage."""
        now = perf_counter()
        self._laps[stage] = self._laps.get(stage, 0.0) + (now - self._last) * 1000
        self._last = now

    def laps(self) -> dict[str, float]:
        """Return the milliseconds of each stage and in all."""
        laps = self._laps | {"total": (perf_counter() - self._start) * 1000}
        return {stage: round(ms, 1) for stage, ms in laps.items()}


class Draft:
    """The sentences that have been checked so far, and the citations they share.

    `own` are the documents' own sentences that answer best: the extractive draft, and what stands in the place of a
    model's sentence that cannot be kept.
    """

    def __init__(self, library: Library, own: Sequence[EvidenceSentence], question: str) -> None:
        self.own = own
        self._library = library
        self._leads = leads(own, question, library.document)
        self._sentences: list[AnswerSentence] = []
        self._citations: dict[tuple[str, int], Citation] = {}
        self._dropped: list[Dropped] = []

    @property
    def dropped(self) -> tuple[Dropped, ...]:
        """What was dropped, and why."""
        return tuple(self._dropped)

    @property
    def sentences(self) -> tuple[AnswerSentence, ...]:
        """What was kept."""
        return tuple(self._sentences)

    @property
    def written(self) -> str:
        """All that the composer wrote, kept or dropped."""
        return " ".join([*(s.text for s in self._sentences), *(d.text for d in self._dropped)])

    def says(self, text: str) -> bool:
        """Say whether a sentence is among those kept."""
        return any(s.text == text for s in self._sentences)

    def keep(self, text: str, judgement: Judgement, sources: Sequence[EvidenceSentence]) -> Checked | None:
        """Add a sentence with its citations; None when it is there already."""
        if self.says(text):
            return None
        cited = tuple(self._cite(source) for source in sources)
        lead = self._lead(text, sources)
        sentence = AnswerSentence(text, judgement.verdict, judgement.score, tuple(c.id for c in cited), lead)
        self._sentences.append(sentence)
        return Checked(sentence, cited)

    def _lead(self, text: str, sources: Sequence[EvidenceSentence]) -> str:
        """Return who says it, and when, for a document's own words and for words of a model that do not name them."""
        quoted = next((s for s in sources if s.text == text), None)
        if quoted or len({s.document for s in sources}) != 1:
            return self._leads.get((quoted.document, quoted.start), "") if quoted else ""
        lead = next((self._leads[s.document, s.start] for s in sources if (s.document, s.start) in self._leads), "")
        author = self._library.document(sources[0].document).metadata.author or ""
        return "" if author.split()[-1:] and author.split()[-1] in text else lead

    def drop(self, text: str, why: str) -> None:
        """Leave a sentence out, and remember why."""
        self._dropped.append(Dropped(text, why))

    def _cite(self, source: EvidenceSentence) -> Citation:
        key = source.document, source.start
        if key not in self._citations:
            number = len(self._citations) + 1
            self._citations[key] = cite(self._library, number, source.document, source.start, source.end)
        return self._citations[key]

    def answer(self, question: str, trace: Trace) -> Answer | None:
        """Return the answer; None when no sentence was kept."""
        if not self._sentences:
            return None
        whole = all(s.verdict is Verdict.SUPPORTED for s in self._sentences)
        pieces = ((s.lead, s.text, "".join(f"[{n}]" for n in s.citations)) for s in self._sentences)
        text = " ".join(piece for said in pieces for piece in said if piece)
        return Answer(
            question,
            "answered" if whole else "partial",
            text,
            tuple(self._sentences),
            tuple(self._citations.values()),
            (),
            self.dropped,
            trace,
        )


def cite(library: Library, number: int, document: str, start: int, end: int) -> Citation:
    """Return a citation whose quote is taken from the document's text by its offsets."""
    d = library.document(document)
    quote = d.text[start:end]
    return Citation(
        number,
        d.id,
        d.source,
        d.title,
        d.metadata.author,
        d.metadata.date,
        d.page_at(start),
        start,
        end,
        quote,
    )


def refusal_of_talk(question: str, trace: Trace) -> Answer:
    """Return a refusal of a question about the conversation itself; no passage is near to it."""
    return Answer(question, "refused", REFUSAL_OF_TALK, (), (), (), (), trace)


def refusal(question: str, evidence: Evidence, library: Library, dropped: Sequence[Dropped], trace: Trace) -> Answer:
    """Return a refusal that names what is missing and shows the nearest passages."""
    nearest = []
    for candidate in evidence.passages[:NEAREST]:
        c = cite(library, 0, candidate.hit.document, candidate.hit.start, candidate.hit.end)
        nearest.append(Nearest(c.document, c.source, c.title, c.author, c.date, c.page, c.start, c.end, c.quote))
    text = REFUSAL
    if lacking := str(evidence.missing):
        text += f" Nothing near it mentions {lacking}."
    return Answer(question, "refused", text, (), (), tuple(nearest), tuple(dropped), trace)
