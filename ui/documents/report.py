"""What became of files, and of a document that was removed, as HTML. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from index.collections import CollectionRemoval
from index.traces import Removal
from index.types import FileReport, Outcome, Report
from rag.conversations import Forgotten
from ui.documents.adding import Adding
from ui.markup import note, text
from ui.words import ENGLISH, Words

ENTRIES = 200
"""Files named in a report, at most; those that were refused first."""
QUIET = (Outcome.ADDED, Outcome.UPDATED, Outcome.UNCHANGED)


def clash(names: Sequence[str], words: Words) -> str:
    """Ask what is to become of uploaded files whose names are taken."""
    listed = "".join(f"<li><bdi>{text(name)}</bdi></li>" for name in names)
    buttons = "".join(
        f'<button type="button" class="{"do" if act == "replace" else ""}" data-act="{act}">{text(label)}</button> '
        for act, label in (
            ("replace", words("documents.clash_replace")),
            ("both", words("documents.clash_both")),
            ("neither", words("documents.clash_neither")),
        )
    )
    return (
        f'<div class="clash" role="alertdialog" aria-label="{text(words("documents.clash", n=len(names)))}">'
        f'<p>{text(words("documents.clash", n=len(names)))}</p><ul>{listed}</ul><p class="buttons">{buttons}</p></div>'
    )


def adding(job: Adding, words: Words) -> str:
    """Return how far files have come on their way into the library, and what became of those that are done."""
    if job.finished:
        ended = note(job.problem) if job.problem else ""
        ended += f'<p role="status">{text(words("documents.cancelled"))}</p>' if job.cancelled else ""
        return ended + report(job.report, words)
    done, total, name = job.at
    said = words("documents.adding", done=done, total=total, name=name) if total else words("documents.beginning")
    bar = f'<progress max="{max(total, 1)}" value="{done}" aria-label="{text(words("documents.progress"))}"></progress>'
    stop = f'<button type="button" data-act="cancel">{text(words("documents.cancel_adding"))}</button>'
    return f'<div class="adding" role="status">{bar}<span dir="auto">{text(said)}</span>{stop}</div>' + report(
        job.report, words
    )


def report(result: Report, words: Words = ENGLISH) -> str:
    """Return what became of each file, and for those refused why."""
    if not result.files:
        return ""
    ranked = sorted(result.files, key=lambda entry: entry.outcome in QUIET)
    entries = "".join(_entry(entry, words) for entry in ranked[:ENTRIES])
    more = len(ranked) - ENTRIES
    entries += f'<li class="why">{text(words("documents.more_files", n=more))}</li>' if more > 0 else ""
    counts = [(result.count(outcome), words(f"documents.outcome_{outcome.value}")) for outcome in Outcome]
    summary = " · ".join(f"{name} {count}" for count, name in counts if count) if len(ranked) > 1 else ""
    head = f'<p class="label">{text(summary)}</p>' if summary else ""
    return f'{head}<ul class="report" role="status">{entries}</ul>'


def _entry(entry: FileReport, words: Words) -> str:
    file = Path(entry.source).name
    detail = entry.detail.removeprefix(f"{entry.source}: ").removeprefix(f"{file}: ")
    why = f' <span class="why" dir="auto">{text(detail)}</span>' if detail else ""
    outcome = text(words(f"documents.outcome_{entry.outcome.value}"))
    return f'<li class="{text(entry.outcome.value)}"><strong>{outcome}</strong> <bdi>{text(file)}</bdi>{why}</li>'


# Removing


def sure(collection: str, documents: int, words: Words) -> str:
    """Ask whether a collection is to be removed."""
    question = text(words("documents.collection_sure", name=collection, n=documents))
    yes, no = text(words("documents.collection_yes")), text(words("documents.collection_no"))
    return (
        f'<div class="clash" role="alertdialog" aria-label="{question}"><p>{question}</p><p class="buttons">'
        f'<button type="button" data-act="drop-collection" data-name="{text(collection)}">{yes}</button> '
        f'<button type="button" class="do" data-act="keep-collection">{no}</button></p></div>'
    )


def collection_removed(
    removal: CollectionRemoval, forgotten: Forgotten, kept: Sequence[Path] = (), words: Words = ENGLISH
) -> str:
    """Return the proof of a collection's removal: what there was, and that nothing was found of it afterwards.

    `kept` are the question sets and runs that stay and may quote it.
    """
    counted = {"documents": removal.info.documents, "files": removal.files, "conversations": forgotten.conversations}
    parts = [words(f"documents.gone_{name}", n=count) for name, count in counted.items() if count is not None]
    if left := (*removal.left, *forgotten.left):
        proof = note(words("documents.collection_left", files=", ".join(left)))
    else:
        megabytes = f"{forgotten.searched / 2**20:.1f}"
        proof = _proven(words("documents.collection_proof", megabytes=megabytes))
    if kept:
        proof += note(words("documents.collection_kept", files=", ".join(map(str, kept))))
    return _proof(removal.info.name, parts, proof, words)


def removed(removal: Removal, *, upload: bool, words: Words = ENGLISH) -> str:
    """Return the proof of a removal: what there was, and that nothing was found of it afterwards."""
    b, info = removal.before, removal.info
    counted: Mapping[str, int] = {
        "sentences": b.sentences,
        "passages": b.passages,
        "vectors": b.vectors,
        "words": b.words,
        "paths": b.paths,
    }
    parts = [words(f"documents.gone_{name}", n=count) for name, count in counted.items()]
    parts += [words("documents.gone_upload")] if upload else []
    megabytes = f"{removal.searched / 2**20:.1f}"
    if removal.after:
        proof = note(words("documents.left", files=", ".join(removal.after.files) or "–"))
    else:
        proof = _proven(words("documents.proof", megabytes=megabytes))
    return _proof(info.title, parts, proof, words)


def _proven(said: str) -> str:
    return f'<p class="proof">{text(said)}</p>'


def _proof(name: str, parts: Sequence[str], proof: str, words: Words) -> str:
    outcome = text(words("documents.outcome_removed"))
    items = "".join(f"<li>{text(part)}</li>" for part in parts)
    return (
        f'<div class="removal" role="status"><p><strong>{outcome}</strong> <bdi>{text(name)}</bdi></p>'
        f'<ul class="counts">{items}</ul>{proof}</div>'
    )
