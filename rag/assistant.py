"""The assistant: the pipeline from a question to a checked answer, in the order in which a question travels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial

from index.library import Library
from rag.answer import Clock, Draft, refusal, refusal_of_talk
from rag.attribute import attribute, in_context
from rag.catalogue import catalogue_of
from rag.compose import compose
from rag.evidence import Evidence, find_evidence
from rag.extract import extract
from rag.facts import terms
from rag.filters import NO_FILTERS, Filters
from rag.models import ChatModel, Record
from rag.models.base import plain
from rag.orders import orders
from rag.question import standalone
from rag.reader import EvidenceModel
from rag.retrieve import retrieve
from rag.settings import Settings
from rag.types import Answer, Checked, Event, EvidenceSentence, Query, Stage, Trace, Turn, Verdict
from rag.verify import SURE, Judgement, verify


class Assistant:
    """Answers questions from one library.

    `model` writes drafts; without one, sentences are picked as they stand. `reader` is the evidence model; without it,
    evidence is scored by words and meaning alone.
    """

    def __init__(
        self, library: Library, settings: Settings, model: ChatModel | None = None, reader: EvidenceModel | None = None
    ) -> None:
        self.library = library
        self.settings = settings
        self.model = model
        self.reader = reader

    def ask(self, question: str, history: Sequence[Turn] = (), filters: Filters = NO_FILTERS) -> Answer:
        """Return the checked answer to a question, or a refusal; `filters` say which documents to look at.

        Raises:
            QuestionError: when the question is empty or too long, or the filters let no document through.
            ModelError: when the chat model fails.
        """
        *_, answer = self.stream(question, history, filters)
        assert isinstance(answer, Answer)
        return answer

    def stream(self, question: str, history: Sequence[Turn] = (), filters: Filters = NO_FILTERS) -> Iterator[Event]:
        """Yield the stages, each sentence once it is verified, and last the whole answer."""
        clock = Clock()
        yield Stage("searching")
        query = standalone(question, history, catalogue_of(self.library), filters)
        if query.talk:
            yield refusal_of_talk(question, replace(self._trace(query), timings_ms=clock.laps()))
            return
        vector = self.library.embedder.encode_query(query.text)
        if self.reader:
            self.reader.prepare()
        candidates = retrieve(query, vector, self.library, self.settings.candidates, self.settings.fusion)
        clock.lap("retrieve")

        yield Stage("reading")
        evidence = find_evidence(query, vector, candidates, self.library, self.reader)
        clock.lap("evidence")
        trace = self._trace(query, evidence)
        if evidence.answerable < self.settings.refuse_below:
            yield refusal(question, evidence, self.library, (), replace(trace, timings_ms=clock.laps()))
            return

        yield Stage("writing")
        own = extract(evidence, 1 if query.brief else self.settings.max_sentences)
        draft, record = Draft(self.library, own, query.text), Record()
        written = compose(query.text, evidence, self.model, self.settings, record, own=own, brief=query.brief)
        with closing(written) as sentences:
            for number, sentence in enumerate(sentences, start=1):
                clock.lap("compose")
                yield Stage("checking", number)
                checked = self._check(sentence, evidence, draft)
                clock.lap("verify")
                if checked:
                    yield checked
        yield from self._rescue(evidence, draft)
        clock.lap("compose")
        trace = replace(trace, timings_ms=clock.laps(), tokens=self._tokens(draft, record), notes=tuple(record.notes))
        yield draft.answer(question, trace) or refusal(question, evidence, self.library, draft.dropped, trace)

    def _check(self, sentence: str, evidence: Evidence, draft: Draft) -> Checked | None:
        """Attribute and verify a sentence; keep it, put the best evidence's own words in its place, or drop it."""
        sources, judgement = self._judge(sentence, evidence)
        if judgement.verdict is Verdict.SUPPORTED or (not self._plain and self._nearly(judgement)):
            return draft.keep(sentence, judgement, sources)
        for source in self._meant(sources, evidence, draft):
            if not draft.says(source.text):
                draft.drop(sentence, f"{judgement.why}; the source's own words stand in its place")
                return self._quote(source, draft)
        draft.drop(sentence, judgement.why)
        return None

    def _rescue(self, evidence: Evidence, draft: Draft) -> Iterator[Checked]:
        """Give the whole extractive answer when no sentence of a model's draft could be kept.

        A model's refusal counts as no draft where what it was shown gives orders: one may be to refuse.
        """
        shown = {c.hit.id for c in evidence.passages[: self.settings.passages]}
        silenced = self.model is not None and any(orders(s.text) for s in evidence.sentences if s.passage in shown)
        own = all(s.text in {e.text for e in evidence.sentences} for s in draft.sentences)
        if (draft.dropped and own) or (silenced and not draft.sentences):
            for source in draft.own:
                if checked := self._quote(source, draft):
                    yield checked

    def _quote(self, source: EvidenceSentence, draft: Draft) -> Checked | None:
        return draft.keep(source.text, verify(source.text, [source.text], 1.0), [source])

    @staticmethod
    def _nearly(judgement: Judgement) -> bool:
        """Say whether a sentence is shown though only in part supported; a small model's is never worth its risk."""
        return judgement.verdict is Verdict.PARTIAL and judgement.score >= SURE

    def _meant(
        self, sources: Sequence[EvidenceSentence], evidence: Evidence, draft: Draft
    ) -> Iterator[EvidenceSentence]:
        """Yield what may stand in a sentence's place: of the best evidence that on which it rests, then the rest."""
        least = NEARLY_BEST * max((s.score for s in draft.own), default=1.0)
        yield from (s for s in sources if s in draft.own or s.score >= least)
        yield from draft.own

    @property
    def _plain(self) -> bool:
        return self.model is not None and plain(self.model.size)

    def _judge(self, sentence: str, evidence: Evidence) -> tuple[list[EvidenceSentence], Judgement]:
        pool = evidence.sentences[:NEAREST] if self._plain else evidence.sentences
        if quoted := next((s for s in pool if s.text == sentence), None):
            return [quoted], verify(sentence, [sentence], 1.0)
        vector = self.library.embedder.encode([sentence])[0]
        sources = attribute(sentence, vector, pool, evidence.vectors)
        if self._plain and (why := _too_much(sentence, sources)):
            return sources, Judgement(Verdict.UNSUPPORTED, 0.0, why)
        similarity = max((float(evidence.vectors[s.document, s.start] @ vector) for s in sources), default=0.0)
        documents = {c.hit.document: c for c in evidence.passages}
        whose = [documents[s.document] for s in sources]
        about = "\n".join(dict.fromkeys(c.about for c in whose))
        title = whose[0].title if whose else ""
        read = partial(self._read, sentence, sources, title, evidence)
        texts, dates = [s.text for s in sources], [c.date for c in whose]
        return sources, verify(sentence, texts, similarity, evidence.names, dates, read, about)

    def _read(self, sentence: str, sources: Sequence[EvidenceSentence], title: str, evidence: Evidence) -> float | None:
        """Return what the evidence model says of a sentence and its sources, if there is one that can."""
        if self.reader is None or not sources:
            return None
        return self.reader.support(sentence, in_context(sources, evidence.sentences), title)

    def _trace(self, query: Query, evidence: Evidence | None = None) -> Trace:
        name = self.model.name if self.model else "extractive"
        if evidence is None:
            return Trace(query.text, query.filters, 0.0, name, {}, {}, ())
        kept = tuple(c.hit for c in evidence.passages[: self.settings.passages])
        lacking = evidence.missing.parts
        return Trace(query.text, query.filters, round(evidence.answerable, 4), name, {}, {}, kept, lacking)

    def _tokens(self, draft: Draft, record: Record) -> dict[str, int]:
        return {"draft": self.model.count(draft.written)} | record.tokens if self.model else {}


def _too_much(sentence: str, sources: Sequence[EvidenceSentence]) -> str:
    """Say why a small model's sentence is not to be judged at all, if that is so.

    It joins the year of one sentence to the deed of another, or one man's words to another's name, and all of it stands
    there; a word or two stand anywhere.
    """
    if len(sources) > 1:
        return "no single sentence of the documents says it"
    return "it is too short to be held against a sentence" if len(terms(sentence)) < SHORTEST else ""


NEARLY_BEST = 0.8
"""Share of the best evidence's score that a sentence must have to stand in the place of one that rests on it."""
SHORTEST = 3
"""Fewest words that tell something in a small model's sentence."""
NEAREST = 10
"""What a small model writes must rest on one of so many best sentences: it likes to tell what was not asked."""
