"""The conversation and the documents, as HTML. Pure functions; what is beside the conversation is `ui/source.py`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from index.types import DocumentInfo, FileReport, Outcome, Report
from rag.models.redact import shown_address
from rag.settings import Settings
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
OUTCOMES = {
    Outcome.ADDED: "Added",
    Outcome.UPDATED: "Updated",
    Outcome.UNCHANGED: "Unchanged",
    Outcome.REMOVED: "Removed",
    Outcome.SKIPPED: "Skipped",
    Outcome.FAILED: "Refused",
}

COLUMNS = ("Author", "Date", "Type", "Pages", "Passages")
NONE = "\u2013"


def running(settings: Settings, model: str) -> str:
    """Say in a line what writes the answers, and what leaves this machine."""
    writer = "the documents' own sentences (no model)" if model == "extractive" else model
    host = urlsplit(settings.base_url).hostname or shown_address(settings.base_url)
    remote = settings.model.startswith("openai:") and host not in ("127.0.0.1", "localhost", "::1")
    if remote and not settings.offline:
        leaves = f"questions, and the passages found for them, are sent to {host}"
    else:
        leaves = "nothing leaves this machine" + (" (offline)" if settings.offline else "")
    parts = f"Answers by {writer}", f"search by {settings.embedder}", leaves
    return f'<p class="running">{" · ".join(map(text, parts))}</p>'


# Conversation


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


# Documents


def documents(infos: Sequence[DocumentInfo]) -> str:
    """Return a table of the documents."""
    if not infos:
        return '<p class="hint">There are no documents yet.</p>'
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Title", *COLUMNS))
    count = "One document" if len(infos) == 1 else f"{len(infos):,} documents"
    return (
        f'<p class="label">{count}</p><div class="scroll"><table class="documents">'
        f'<thead><tr>{heads}<th><span class="unseen">Remove</span></th></tr></thead>'
        f"<tbody>{''.join(map(_row, infos))}</tbody></table></div>"
    )


def _row(info: DocumentInfo) -> str:
    m = info.metadata
    file = Path(info.source).name
    name = f'<strong dir="auto">{text(info.title)}</strong>'
    if file != info.title:
        name += f'<span class="file" title="{text(info.source)}"><bdi>{text(file)}</bdi></span>'
    values = (m.author, m.date, info.kind, info.pages, f"{info.passages:,}")
    cells = "".join(
        f'<td data-name="{column}"><bdi>{text(value or NONE)}</bdi></td>'
        for column, value in zip(COLUMNS, values, strict=True)
    )
    question = f"Remove “{info.title}” with all that was derived from it?"
    remove = (
        f'<button type="button" data-act="remove" data-document="{text(info.id)}" '
        f'data-confirm="{text(question)}" aria-label="{text(f"Remove {info.title}")}">Remove</button>'
    )
    return f'<tr><th scope="row">{name}</th>{cells}<td>{remove}</td></tr>'


def report(result: Report) -> str:
    """Return what became of each file, and for those refused why."""
    entries = "".join(map(_entry, result.files))
    return f'<ul class="report" role="status">{entries}</ul>' if entries else ""


def _entry(entry: FileReport) -> str:
    file = Path(entry.source).name
    detail = entry.detail.removeprefix(f"{entry.source}: ").removeprefix(f"{file}: ")
    why = f' <span class="why" dir="auto">{text(detail)}</span>' if detail else ""
    name = f"<strong>{OUTCOMES[entry.outcome]}</strong> <bdi>{text(file)}</bdi>"
    return f'<li class="{text(entry.outcome.value)}">{name}{why}</li>'
