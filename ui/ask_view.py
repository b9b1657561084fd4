"""The conversation, as HTML. Pure functions; what is beside the conversation is `ui/source.py`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rag.types import Answer, AnswerSentence, Citation, Nearest, Verdict
from ui.conversation import Exchange, Place, letter
from ui.markup import note, text

WAITING = {
    "searching": "Searching…",
    "reading": "Reading…",
    "writing": "Writing…",
    "checking": "Checking…",
}
DOUBTS = {
    Verdict.PARTIAL: ("partly supported", "The cited words support a part of this sentence, not all of it."),
    Verdict.UNSUPPORTED: ("not supported", "The cited words do not support this sentence."),
    Verdict.CONTRADICTED: ("contradicted", "The cited words say otherwise."),
}


def conversation(exchanges: Sequence[Exchange], documents: int) -> str:
    """Return all that was asked and answered; where nothing was, how to begin."""
    shown = "".join(_exchange(number, e) for number, e in enumerate(exchanges)) or _welcome(documents)
    return f'<div class="conversation" role="log" aria-label="Conversation">{shown}</div>'


def empty_library() -> str:
    """Say how documents are added."""
    return "There are no documents yet: add some under Documents, or with 'rag add PATH', then ask."


def _welcome(documents: int) -> str:
    if not documents:
        return f'<p class="welcome">{text(empty_library())}</p>'
    these = "one document" if documents == 1 else f"{documents:,} documents"
    return (
        f'<p class="welcome">Ask a question of {these}. Each sentence of the answer cites the words it '
        "stands on; choose a number to read them where they stand.</p>"
    )


def _exchange(turn: int, e: Exchange) -> str:
    parts = [f'<h2 class="question" dir="auto">{text(e.question)}</h2>']
    if e.sentences:
        sentences = " ".join(_sentence(turn, s, e.citations) for s in e.sentences)
        parts.append(f'<p class="answer" dir="auto">{sentences}</p>')
    if e.waiting:
        parts.append(f'<p class="waiting">{text(WAITING.get(e.waiting, e.waiting))}</p>')
    if e.problem:
        parts.append(note(e.problem))
    if e.answer:
        parts.append(_outcome(turn, e.answer))
    elif e.citations and not e.waiting:
        parts.append(_citations(turn, e.citations))
    return f'<article class="exchange">{"".join(parts)}</article>'


def _outcome(turn: int, answer: Answer) -> str:
    parts = []
    if answer.status == "refused":
        parts.append(f'<p class="refusal" dir="auto">{text(answer.answer)}</p>')
        parts.append(_nearest(turn, answer.nearest))
    parts += [_citations(turn, answer.citations), _dropped(answer), _understood(answer)]
    return "".join(parts)


def _sentence(turn: int, sentence: AnswerSentence, citations: Sequence[Citation]) -> str:
    known = {c.id: c for c in citations}
    links = "".join(_link(turn, str(n), f"[{n}]", known[n]) for n in sentence.citations if n in known)
    doubt = DOUBTS.get(sentence.verdict)
    if not doubt:
        return f'<span class="sentence"><bdi>{text(sentence.text)}</bdi>{links}</span>'
    words, meaning = doubt
    tag = f'<span class="doubt" title="{text(meaning)}">{text(words)}</span>'
    return f'<span class="sentence doubted"><bdi>{text(sentence.text)}</bdi>{links} {tag}</span>'


def _link(turn: int, key: str, label: str, place: Place) -> str:
    name = f"{label} Show in {place.title}"
    return (
        f'<a class="cite" href="#source" data-act="source" data-turn="{turn}" data-place="{text(key)}" '
        f'aria-label="{text(name)}" title="{text(place.title)}">{text(label)}</a>'
    )


def _citations(turn: int, citations: Sequence[Citation]) -> str:
    items = "".join(f"<li>{_link(turn, str(c.id), f'[{c.id}]', c)}{_quote(c)}</li>" for c in citations)
    return f'<ol class="places" aria-label="Citations">{items}</ol>' if items else ""


def _nearest(turn: int, nearest: Sequence[Nearest]) -> str:
    keys = map(letter, range(len(nearest)))
    items = "".join(f"<li>{_link(turn, k, f'[{k}]', n)}{_quote(n)}</li>" for k, n in zip(keys, nearest, strict=True))
    if not items:
        return ""
    label = '<p class="label">What comes nearest</p>'
    return f'{label}<ol class="places nearest" aria-label="Nearest passages">{items}</ol>'


def _quote(place: Place) -> str:
    quote = f'<q class="quote" dir="auto">{text(place.quote)}</q>'
    return f'<div class="place">{quote}<p class="from">{_facts(place)}</p></div>'


def _facts(place: Place) -> str:
    """Return title, author, date, page and file name, as far as they are known."""
    file = Path(place.source).name
    page = place.page and f"p. {place.page}"
    facts = [place.title, place.author, place.date, page, file if file != place.title else ""]
    return " · ".join(f"<bdi>{text(fact)}</bdi>" for fact in facts if fact)


def _dropped(answer: Answer) -> str:
    if not answer.dropped:
        return ""
    items = "".join(
        f'<li dir="auto"><q><bdi>{text(d.text)}</bdi></q> <span class="why">{text(d.why)}</span></li>'
        for d in answer.dropped
    )
    count = "One sentence was" if len(answer.dropped) == 1 else f"{len(answer.dropped)} sentences were"
    return f'<details class="dropped"><summary>{count} left out</summary><ul>{items}</ul></details>'


def _understood(answer: Answer) -> str:
    """Say how a question was read, where that is not as it was asked."""
    trace = answer.trace
    parts = [f"Understood as “{trace.standalone_question}”"]
    if trace.standalone_question in ("", " ".join(answer.question.split())):
        parts = []
    if trace.filters:
        parts.append("looked for " + ", ".join(f"{name} {value}" for name, value in trace.filters.items()))
    return f'<p class="understood" dir="auto">{text("; ".join(parts))}</p>' if parts else ""
