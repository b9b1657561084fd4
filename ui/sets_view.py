"""Sets of questions, and the proposals for one, as HTML. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from eval.propose import Proposal
from index.library import Library
from index.types import Document
from rag.types import Nearest
from ui.markup import note, text
from ui.sets import Kept
from ui.sitting import Sitting

ROUTE = "/sets/"
"""Where the server gives the file of a set, by its name."""

INTRO = (
    "A set of questions with known answers shows how far to trust the answers on these documents. Questions are "
    "proposed from their sentences; you accept, change or reject each, and nothing enters a set that you have not seen."
)
LOOKING = "Looking for sentences to ask about…"
NONE_FOUND = (
    "No question can be made of these documents: the forms know English, and plain sentences with a name or a number. "
    "What was decided on before is not proposed again."
)
ACTS = (
    ("go-on", "Propose more", "Propose more questions for"),
    ("ask", "Ask all", "Ask all questions of"),
)
KEYS = (
    ("accept", "a", "Accept"),
    ("reject", "r", "Reject"),
    ("later", "l", "Later"),
)


def intro() -> str:
    """Say what sets are for."""
    return f'<p class="hint">{text(INTRO)}</p>'


def waiting(message: str) -> str:
    """Say what is being done."""
    return f'<p class="waiting" role="status">{text(message)}</p>'


def shelf(sets: Sequence[Kept]) -> str:
    """Return a table of the sets."""
    if not sets:
        return '<p class="hint">There are no sets on this collection yet.</p>'
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Set", "Questions", "Unanswerable"))
    return (
        f'<div class="scroll"><table class="documents sets"><thead><tr>{heads}'
        '<th><span class="unseen">What to do</span></th></tr></thead>'
        f"<tbody>{''.join(map(_row, sets))}</tbody></table></div>"
    )


def _row(kept: Kept) -> str:
    name = (
        f'<th scope="row"><strong dir="auto">{text(kept.name)}</strong>'
        f'<span class="file"><bdi>{text(kept.path)}</bdi></span></th>'
    )
    if kept.problem:
        return f'<tr>{name}<td colspan="2">{note(kept.problem)}</td><td>{_download(kept.path)}</td></tr>'
    acts = " ".join(
        f'<button type="button" data-act="{act}" data-set="{text(kept.name)}" '
        f'aria-label="{text(f"{label} {kept.name}")}">{shown}</button>'
        for act, shown, label in ACTS
    )
    return (
        f'<tr>{name}<td data-name="Questions" class="number">{kept.questions:,}</td>'
        f'<td data-name="Unanswerable" class="number">{kept.unanswerable:,}</td>'
        f'<td class="acts">{acts} {_download(kept.path)}</td></tr>'
    )


def _download(path: Path) -> str:
    name = text(f"Download {path.name}")
    return f'<a href="{ROUTE}{quote(path.stem, safe="")}" download="{text(path.name)}" aria-label="{name}">Download</a>'


# A proposal


def head(sitting: Sitting, problem: str = "") -> str:
    """Return how far one has come, and what the proposal that is shown is; or, after the last, what became of all."""
    shown = _proposal(sitting.current) if sitting.current else _end(sitting, problem)
    key = f' data-key="{sitting.current.key}"' if sitting.current else ""
    done = f'<p class="notice" role="status">{text(sitting.notice)}</p>' if sitting.notice and not problem else ""
    return f'<div class="offer"{key}>{_progress(sitting)}{note(problem) if problem else done}{shown}</div>'


def _progress(sitting: Sitting) -> str:
    counts = ", ".join(f"{name} {sitting.counts[name]}" for name in ("accepted", "edited", "rejected"))
    later = f", later {sitting.counts['later']}" if sitting.counts["later"] else ""
    done = f"{sitting.number} of {sitting.wanted}"
    bar = f'<progress max="{sitting.wanted}" value="{sitting.number}" aria-label="Proposals shown">{done}</progress>'
    asked = "one question" if sitting.questions == 1 else f"{sitting.questions:,} questions"
    file = f" · {_download(sitting.path)}" if sitting.questions else ""
    return (
        f'<p class="progress">{bar}<strong>{done}</strong><span>{counts}{later}</span></p>'
        f'<p class="into"><bdi>{text(sitting.path)}</bdi> · {asked}{file} · '
        '<button type="button" data-act="close">Back to the sets</button></p>'
    )


def _proposal(proposal: Proposal) -> str:
    item = proposal.item
    if item.answerable:
        kind, why = f"Answerable · {item.type}", "The marked sentence is to answer this question."
    else:
        kind = "Near miss · unanswerable"
        why = (
            f"The documents should not answer this: {proposal.note}, in a question that the marked sentence answers, "
            "and a search found no passage with an answer. Reject it if you know of one."
        )
    marked = f"<mark>{text(proposal.quote)}</mark>"
    around = " ".join(filter(None, (text(proposal.before), marked, text(proposal.after))))
    miss = "" if item.answerable else " miss"
    return (
        f'<h2 tabindex="-1" class="kind{miss}">{text(kind)}</h2><p class="why hint" dir="auto">{text(why)}</p>'
        f'<blockquote class="context" dir="auto">{around}<cite><bdi>{text(proposal.title)}</bdi></cite></blockquote>'
    )


def _end(sitting: Sitting, problem: str) -> str:
    if problem:
        return '<h2 tabindex="-1">Stopped</h2>'
    if not sitting.number:
        return f'<h2 tabindex="-1">Nothing to propose</h2><p class="why hint">{text(NONE_FOUND)}</p>'
    said = "All were shown" if sitting.number >= sitting.wanted else "The documents give no more questions"
    command = f'rag eval "{sitting.path}" -c {sitting.path.parent.name}'
    return (
        f'<h2 tabindex="-1">{said}</h2><p class="why hint">In the list of sets you can have more proposed, or ask all '
        f"questions of this one; so does <code>{text(command)}</code>.</p>"
    )


def decide() -> str:
    """Return the buttons that decide on a proposal, and the keys that do."""
    buttons = "".join(
        f'<button type="button" class="{act}" data-act="{act}" aria-keyshortcuts="{key}">'
        f'{name} <kbd aria-hidden="true">{key.upper()}</kbd></button>'
        for act, key, name in KEYS
    )
    return (
        f'<div class="decide" role="group" aria-label="Decide on this proposal">{buttons}</div>'
        '<p class="hint">Change in the fields what you like, then accept. <span class="keys">Outside of them the keys '
        "<kbd>A</kbd>, <kbd>R</kbd> and <kbd>L</kbd> decide, and <kbd>E</kbd> goes to the question; in them "
        "<kbd>Ctrl</kbd>+<kbd>Enter</kbd> accepts.</span></p>"
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
