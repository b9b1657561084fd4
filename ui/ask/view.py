"""The conversation, as HTML. Pure functions; what can be done with an answer is `ui/ask/acts_view.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rag.answer import REFUSAL_OF_TALK
from rag.exchange import Exchange, Place, letter
from rag.kind import Kind
from rag.standing import Lost, Span, span
from rag.types import Answer, AnswerSentence, Citation, Nearest, Verdict
from ui.ask import acts_view
from ui.ask.conversation import FAILED, INTERRUPTED, STOPPED
from ui.markup import note, text
from ui.words import ENGLISH, Words

DOUBTS = {
    Verdict.PARTIAL: ("ask.partial", "ask.partial_meaning"),
    Verdict.UNSUPPORTED: ("ask.unsupported", "ask.unsupported_meaning"),
    Verdict.CONTRADICTED: ("ask.contradicted", "ask.contradicted_meaning"),
}


@dataclass(frozen=True)
class Around:
    """What a conversation is shown with: its id and title, who could answer, and which quotes do not stand any more.

    `unwatched` says that more will come, and that the page has to ask for it.
    """

    id: str = ""
    title: str = ""
    models: Sequence[str] = ()
    lost: Mapping[Span, Lost] = field(default_factory=dict)
    unwatched: bool = False


def conversation(
    exchanges: Sequence[Exchange], documents: int, words: Words = ENGLISH, around: Around | None = None
) -> str:
    """Return all that was asked and answered; where nothing was, how to begin."""
    around = around or Around()
    shown = "".join(_exchange(number, e, words, around) for number, e in enumerate(exchanges))
    head = acts_view.head(around.id, around.title, words) if around.id and exchanges else ""
    watch = " data-watch" if around.unwatched else ""
    return (
        f'<div class="conversation" data-talk="{text(around.id)}"{watch}>{head}'
        f'<div class="exchanges" role="log" aria-label="{text(words("ask.conversation"))}">'
        f"{shown or _welcome(documents, words)}</div></div>"
    )


def empty_library(words: Words = ENGLISH) -> str:
    """Say how documents are added."""
    return words("ask.no_documents")


def _welcome(documents: int, words: Words) -> str:
    if not documents:
        return f'<p class="welcome">{text(empty_library(words))}</p>'
    return f'<p class="welcome">{text(words("ask.welcome", n=documents))}</p>'


def _exchange(turn: int, e: Exchange, words: Words, around: Around) -> str:
    links = _Links(turn, words, around.lost)
    parts = [f'<h2 class="question" dir="auto">{text(e.question)}</h2>']
    if e.sentences:
        sentences = " ".join(_sentence(links, s, e.citations) for s in e.sentences)
        parts.append(f'<p class="answer" dir="auto">{sentences}</p>')
    if e.waiting:
        parts.append(f'<p class="waiting">{text(_stage(e, words))}</p>')
    if e.problem:
        parts.append(_problem(e.problem, words))
    if e.answer:
        parts.append(_outcome(links, e.answer))
    elif e.citations and not e.waiting:
        parts.append(_citations(links, e.citations))
    if e.id and not e.waiting:
        parts.append(acts_view.acts(around.id, turn, e, around.models, words))
    return f'<article class="exchange">{"".join(parts)}</article>'


def _stage(e: Exchange, words: Words) -> str:
    if e.waiting == "checking" and e.number:
        return words("ask.checking_sentence", n=e.number)
    names = {"searching": "ask.searching", "reading": "ask.reading", "writing": "ask.writing"}
    return words(names.get(e.waiting, "ask.checking"))


def _problem(problem: str, words: Words) -> str:
    if problem == STOPPED:
        return f'<p class="stopped">{text(words("ask.stopped"))}</p>'
    ours = {FAILED: "ask.failed", INTERRUPTED: "ask.interrupted"}
    return note(words(ours[problem]) if problem in ours else problem)


def _outcome(links: _Links, answer: Answer) -> str:
    parts = []
    if answer.status == "refused":
        parts.append(f'<p class="refusal" dir="auto">{text(_refusal(answer, links.words))}</p>')
        parts.append(_nearest(links, answer.nearest))
    parts += [
        _citations(links, answer.citations),
        _dropped(answer, links.words),
        _understood(answer, links.words),
    ]
    return "".join(parts)


def _refusal(answer: Answer, words: Words) -> str:
    """Return what the pipeline says of a question that it does not answer, in the language of the page."""
    if answer.answer == REFUSAL_OF_TALK:
        return words("ask.refused_talk")
    kinds = {kind.value: words(f"ask.kind_{kind.name.lower()}") for kind in Kind}
    lacking = ", ".join(kinds.get(part, part) for part in answer.trace.missing)
    return words("ask.refused_lacking", lacking=lacking) if lacking else words("ask.refused")


def _sentence(links: _Links, sentence: AnswerSentence, citations: Sequence[Citation]) -> str:
    known = {c.id: c for c in citations}
    cites = "".join(links.to(str(n), f"[{n}]", known[n]) for n in sentence.citations if n in known)
    lead = f'<span class="lead"><bdi>{text(sentence.lead)}</bdi></span> ' if sentence.lead else ""
    said = f"{lead}<bdi>{text(sentence.text)}</bdi>{cites}"
    if sentence.verdict not in DOUBTS:
        return f'<span class="sentence">{said}</span>'
    name, meaning = (links.words(doubt) for doubt in DOUBTS[sentence.verdict])
    return (
        f'<span class="sentence doubted">{said} <span class="doubt" title="{text(meaning)}">{text(name)}</span></span>'
    )


@dataclass(frozen=True)
class _Links:
    """Makes the links to what a question's answer cites."""

    turn: int
    words: Words
    lost: Mapping[Span, Lost]

    def to(self, key: str, label: str, place: Place) -> str:
        """Return the link to a place; one that does not stand as it was quoted says so."""
        name = self.words("ask.show_in", label=label, title=place.title)
        why = self.why_lost(place)
        name = f"{name}. {why}" if why else name
        return (
            f'<a class="cite{" lost" if why else ""}" href="#source" data-act="source" data-turn="{self.turn}" '
            f'data-place="{text(key)}" aria-label="{text(name)}" title="{text(why or place.title)}">{text(label)}</a>'
        )

    def quote(self, place: Place) -> str:
        """Return the words of a place, and what it is of."""
        why = self.why_lost(place)
        lost = f'<p class="lost">{text(why)}</p>' if why else ""
        return (
            f'<div class="place"><q class="quote" dir="auto">{text(place.quote)}</q>'
            f'<p class="from">{_facts(place, self.words)}</p>{lost}</div>'
        )

    def why_lost(self, place: Place) -> str:
        """Say why a place does not stand as it was quoted; "" if it does."""
        lost = self.lost.get(span(place))
        return self.words("ask.source_changed" if lost == "changed" else "ask.source_gone") if lost else ""


def _citations(links: _Links, citations: Sequence[Citation]) -> str:
    items = "".join(f"<li>{links.to(str(c.id), f'[{c.id}]', c)}{links.quote(c)}</li>" for c in citations)
    return f'<ol class="places" aria-label="{text(links.words("ask.citations"))}">{items}</ol>' if items else ""


def _nearest(links: _Links, nearest: Sequence[Nearest]) -> str:
    keys = map(letter, range(len(nearest)))
    items = "".join(f"<li>{links.to(k, f'[{k}]', n)}{links.quote(n)}</li>" for k, n in zip(keys, nearest, strict=True))
    if not items:
        return ""
    name = text(links.words("ask.nearest"))
    return f'<p class="label">{name}</p><ol class="places nearest" aria-label="{name}">{items}</ol>'


def _facts(place: Place, words: Words) -> str:
    """Return title, author, date, page and file name, as far as they are known."""
    file = Path(place.source).name
    page = words("ask.page", n=place.page) if place.page else ""
    facts = [place.title, place.author, place.date, page, file if file != place.title else ""]
    return " · ".join(f"<bdi>{text(fact)}</bdi>" for fact in facts if fact)


def _dropped(answer: Answer, words: Words) -> str:
    if not answer.dropped:
        return ""
    items = "".join(
        f'<li dir="auto"><q><bdi>{text(d.text)}</bdi></q> <span class="why">{text(d.why)}</span></li>'
        for d in answer.dropped
    )
    count = text(words("ask.dropped", n=len(answer.dropped)))
    return f'<details class="dropped"><summary>{count}</summary><ul>{items}</ul></details>'


def _understood(answer: Answer, words: Words) -> str:
    """Say how a question was read, where that is not as it was asked."""
    trace = answer.trace
    parts = [words("ask.understood", question=trace.standalone_question)]
    if trace.standalone_question in ("", " ".join(answer.question.split())):
        parts = []
    if trace.filters:
        found = ", ".join(f"{name} {value}" for name, value in trace.filters.items())
        parts.append(words("ask.looked_for", filters=found))
    return f'<p class="understood" dir="auto">{text("; ".join(parts))}</p>' if parts else ""
