"""Sets of questions, and the proposals for one, as HTML. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from eval.propose import Proposal
from index.library import Library
from index.types import Document
from rag.types import Nearest
from ui.markup import note, text
from ui.sets.shelf import Kept
from ui.sets.sitting import Sitting
from ui.words import ENGLISH, Words

ROUTE = "/sets/"
"""Where the server gives the file of a set, by its collection and its name."""

PROBLEMS = 10
"""Places that are not found, of those that are told; more are left out."""


def intro(words: Words = ENGLISH) -> str:
    """Say what sets are for."""
    return f'<p class="hint">{text(words("sets.intro"))}</p>'


def waiting(message: str) -> str:
    """Say what is being done."""
    return f'<p class="waiting" role="status">{text(message)}</p>'


def added(name: str, questions: int, problems: Sequence[str], words: Words = ENGLISH) -> str:
    """Say that a set was added, and the evidence of which of its questions is in no document."""
    lost = ""
    if problems:
        some = "\n".join(["", *problems[:PROBLEMS], *(["…"] if len(problems) > PROBLEMS else [])])
        lost = f'<p class="why">{text(words("sets.not_placed", n=len(problems), some=some))}</p>'
    return f'<p class="done" role="status">{text(words("sets.added", n=questions, name=name))}</p>{lost}'


def shelf(sets: Sequence[Kept], words: Words = ENGLISH) -> str:
    """Return a table of the sets."""
    if not sets:
        return f'<p class="hint">{text(words("sets.none_yet"))}</p>'
    names = (words("sets.set"), words("sets.questions"), words("sets.unanswerable"))
    heads = "".join(f'<th scope="col">{text(name)}</th>' for name in names)
    return (
        f'<div class="scroll"><table class="documents sets"><thead><tr>{heads}'
        f'<th><span class="unseen">{text(words("sets.what_to_do"))}</span></th></tr></thead>'
        f"<tbody>{''.join(_row(kept, names, words) for kept in sets)}</tbody></table></div>"
    )


def _row(kept: Kept, names: Sequence[str], words: Words) -> str:
    name = (
        f'<th scope="row"><strong dir="auto">{text(kept.name)}</strong>'
        f'<span class="file"><bdi>{text(kept.path)}</bdi></span></th>'
    )
    if kept.problem:
        return f'<tr>{name}<td colspan="2">{note(kept.problem)}</td><td>{_download(kept.path, words)}</td></tr>'
    acts = " ".join(
        f'<button type="button" data-act="{act}" data-set="{text(kept.name)}" '
        f'aria-label="{text(label)}">{text(shown)}</button>'
        for act, shown, label in (
            ("go-on", words("sets.go_on"), words("sets.go_on_of", name=kept.name)),
            ("ask", words("sets.ask"), words("sets.ask_of", name=kept.name)),
        )
    )
    return (
        f'<tr>{name}<td data-name="{text(names[1])}" class="number">{kept.questions:,}</td>'
        f'<td data-name="{text(names[2])}" class="number">{kept.unanswerable:,}</td>'
        f'<td class="set-acts">{acts} {_download(kept.path, words)}</td></tr>'
    )


def _download(path: Path, words: Words) -> str:
    href = f"{ROUTE}{quote(path.parent.name, safe='')}/{quote(path.stem, safe='')}"
    label, name = words("sets.download"), words("sets.download_of", name=path.name)
    return f'<a href="{href}" download="{text(path.name)}" aria-label="{text(name)}">{text(label)}</a>'


# A proposal


def head(sitting: Sitting, problem: str = "", words: Words = ENGLISH) -> str:
    """Return how far one has come, and what the proposal that is shown is; or, after the last, what became of all."""
    shown = _proposal(sitting.current, words) if sitting.current else _end(sitting, problem, words)
    key = f' data-key="{sitting.current.key}"' if sitting.current else ""
    done = f'<p class="notice" role="status">{text(sitting.notice)}</p>' if sitting.notice and not problem else ""
    return f'<div class="offer"{key}>{_progress(sitting, words)}{note(problem) if problem else done}{shown}</div>'


def _progress(sitting: Sitting, words: Words) -> str:
    counts = words("sets.counts", **{name: sitting.counts[name] for name in ("accepted", "edited", "rejected")})
    if later := sitting.counts["later"]:
        counts += ", " + words("sets.later_count", later=later)
    done = text(words("sets.shown_of", number=sitting.number, wanted=sitting.wanted))
    label = text(words("sets.proposals_shown"))
    bar = f'<progress max="{sitting.wanted}" value="{sitting.number}" aria-label="{label}">{done}</progress>'
    file = f" · {_download(sitting.path, words)}" if sitting.questions else ""
    undo = f' · <button type="button" data-act="undo">{text(words("sets.undo"))}</button>' if sitting.undoable else ""
    return (
        f'<p class="progress">{bar}<strong>{done}</strong><span>{text(counts)}</span></p>'
        f'<p class="into"><bdi>{text(sitting.path)}</bdi> · {text(words("sets.questions"))}: {sitting.questions:,}'
        f'{file}{undo} · <button type="button" data-act="close">{text(words("sets.close"))}</button></p>'
    )


def _proposal(proposal: Proposal, words: Words) -> str:
    item = proposal.item
    if item.answerable:
        kind, why = words("sets.answerable_kind", type=item.type), words("sets.answerable_why")
    else:
        kind, why = words("sets.miss_kind"), words("sets.miss_why", note=proposal.note)
    marked = f"<mark>{text(proposal.quote)}</mark>"
    around = " ".join(filter(None, (text(proposal.before), marked, text(proposal.after))))
    miss = "" if item.answerable else " miss"
    return (
        f'<h2 tabindex="-1" class="kind{miss}">{text(kind)}</h2><p class="why hint" dir="auto">{text(why)}</p>'
        f'<blockquote class="context" dir="auto">{around}<cite><bdi>{text(proposal.title)}</bdi></cite></blockquote>'
    )


def _end(sitting: Sitting, problem: str, words: Words) -> str:
    if problem:
        return f'<h2 tabindex="-1">{text(words("sets.stopped_head"))}</h2>'
    if not sitting.number:
        title, why = words("sets.nothing_head"), words("sets.none_found")
        return f'<h2 tabindex="-1">{text(title)}</h2><p class="why hint">{text(why)}</p>'
    said = words("sets.all_shown") if sitting.number >= sitting.wanted else words("sets.no_more")
    command = f'rag eval "{sitting.path}" -c {sitting.path.parent.name}'
    return (
        f'<h2 tabindex="-1">{text(said)}</h2>'
        f'<p class="why hint">{text(words("sets.then"))} <code>{text(command)}</code>.</p>'
    )


def decide(words: Words = ENGLISH) -> str:
    """Return the buttons that decide on a proposal, and the keys that do."""
    buttons = "".join(
        f'<button type="button" class="{act}" data-act="{act}" aria-keyshortcuts="{key}">'
        f'{text(name)} <kbd aria-hidden="true">{key.upper()}</kbd></button>'
        for act, key, name in (
            ("accept", "a", words("sets.accept")),
            ("reject", "r", words("sets.reject")),
            ("later", "l", words("sets.later")),
        )
    )
    keys = re.sub(r"\[(\w+)\]", r"<kbd>\1</kbd>", text(words("sets.keys_hint")))
    return (
        f'<div class="decide" role="group" aria-label="{text(words("sets.decide"))}">{buttons}</div>'
        f'<p class="hint">{text(words("sets.change_hint"))} <span class="keys">{keys}</span></p>'
    )


# Where a proposal comes from


def place(proposal: Proposal, library: Library) -> tuple[Nearest, Document] | None:
    """Return the sentence of a proposal in its document, and the document; None when it is there no more."""
    for info in library.documents():
        if info.title == proposal.title:
            document = library.document(info.id)
            start = _find(proposal, document.text)
            if start >= 0:
                end, m = start + len(proposal.quote), document.metadata
                page = document.page_at(start)
                found = Nearest(
                    info.id, document.source, document.title, m.author, m.date, page, start, end, proposal.quote
                )
                return found, document
    return None


def _find(proposal: Proposal, body: str) -> int:
    """Return where the sentence stands: of several like it, where the one before it precedes it."""
    first = start = body.find(proposal.quote)
    while start >= 0:
        if body[:start].rstrip().endswith(proposal.before):
            return start
        start = body.find(proposal.quote, start + 1)
    return first
