"""The settings, as HTML: what each choice runs here and sends away, what a threshold means, what a test said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from eval.threshold import Refusals
from rag.models import ModelInfo
from rag.models.redact import shown_address
from rag.models.trial import QUESTION, Trial
from rag.settings import Settings
from ui.markup import text
from ui.page_view import LOCAL
from ui.words import ENGLISH, Words

Kind = Literal["extractive", "package", "gguf", "transformers", "openai"]
"""What may write the answers."""

KINDS: tuple[Kind, ...] = ("extractive", "package", "gguf", "transformers", "openai")

NONE = "\u2013"

FORMS: dict[Kind, str] = {
    "extractive": "extractive",
    "package": "gguf:package",
    "gguf": "gguf:PATH",
    "transformers": "transformers:NAME",
    "openai": "openai:NAME",
}
"""How the models of a kind are named, as `rag.models.describe` says it."""


@dataclass(frozen=True)
class LastRun:
    """What the last evaluation of a collection says of the threshold; `other` are settings that were others then."""

    set: str
    date: str
    rows: Sequence[Refusals]
    other: Sequence[str] = ()


def kind_of(model: str) -> tuple[Kind, str]:
    """Return the kind of a model, and its name or path within the kind."""
    scheme, _, target = model.partition(":")
    if scheme not in ("gguf", "transformers", "openai"):
        return "extractive", ""
    return ("package", "") if model == FORMS["package"] else (scheme, target)  # type: ignore[return-value]


def model_of(kind: Kind, target: str) -> str:
    """Return the name of a model, as the settings have it."""
    return FORMS[kind] if kind in ("extractive", "package") else f"{kind}:{target.strip()}"


def intro(settings_file: object, local: bool, words: Words = ENGLISH) -> str:
    """Say for whom the settings hold, or why they can only be looked at."""
    said = words("settings.intro") if local else words("settings.read_only", file=settings_file)
    return f'<p class="hint">{text(said)}</p>'


def heading(name: str) -> str:
    """Return the heading of a part."""
    return f"<h2>{text(name)}</h2>"


def about(
    kind: Kind, settings: Settings, infos: Sequence[ModelInfo], base_url: str, offline: bool, words: Words = ENGLISH
) -> str:
    """Say what a choice runs on this machine, what would leave it, and what it still needs."""
    info = next((info for info in infos if info.name == FORMS[kind]), None)
    rows = [
        (words("settings.locally"), words(f"settings.local_{kind}")),
        (words("settings.leaves"), _leaves(kind, base_url or settings.base_url, offline, words)),
    ]
    if info and not info.usable and kind != "openai":  # for a service, `_leaves` says it of the address on the page
        rows.append((words("settings.needs"), info.note))
    return f'<dl class="choice">{"".join(f"<dt>{text(k)}</dt><dd>{text(v)}</dd>" for k, v in rows)}</dl>'


def _leaves(kind: Kind, base_url: str, offline: bool, words: Words) -> str:
    if kind == "transformers" and not offline:
        return words("settings.leaves_weights")
    if kind != "openai":
        return words("settings.leaves_nothing")
    address = shown_address(base_url)
    host = urlsplit(address).netloc.rpartition("@")[2] or address
    if (urlsplit(address).hostname or "") in LOCAL:
        return words("settings.leaves_here", host=host)
    return words("settings.leaves_refused" if offline else "settings.leaves_service", host=host)


def tested(trial: Trial | None, words: Words = ENGLISH) -> str:
    """Say what a model answered to the test, and how long that took."""
    if trial is None:
        return said(words("settings.tested_none"))
    reply = trial.reply if len(trial.reply) <= 200 else trial.reply[:200] + "…"
    return said(words("settings.tested", question=QUESTION, reply=reply, seconds=f"{trial.seconds:.1f}"))


def said(message: str) -> str:
    """Return a message that something was done."""
    return f'<p class="done" role="status" dir="auto">{text(message)}</p>'


def working(message: str) -> str:
    """Say what is being done."""
    return f'<p class="waiting" role="status">{text(message)}</p>'


def keeping(settings_file: object, words: Words = ENGLISH) -> str:
    """Say what is kept, and where."""
    return f'<p class="hint">{text(words("settings.keeping", file=settings_file))}</p>'


def meaning(last: LastRun | None, threshold: float, words: Words = ENGLISH) -> str:
    """Return what a threshold makes of the questions of the last evaluation; that it is not known, if there is none."""
    title = f"<h3>{text(words('settings.meaning'))}</h3>"
    if last is None or not last.rows:
        return f'{title}<p class="hint">{text(words("settings.no_run"))}</p>'
    if last.other:
        by = words("settings.by_other", set=last.set, date=last.date, names=", ".join(last.other))
    else:
        by = words("settings.by_run", set=last.set, date=last.date)
    names = (words("settings.at"), words("settings.wrongly_refused"), words("settings.wrongly_answered"))
    heads = "".join(f'<th scope="col">{text(name)}</th>' for name in names)
    rows = "".join(_row(row, names, row.threshold == threshold, words) for row in last.rows)
    return (
        f'{title}<p class="hint">{text(by)}</p><div class="scroll"><table class="documents thresholds">'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(row: Refusals, names: Sequence[str], now: bool, words: Words) -> str:
    label = f"{row.threshold:.2f}" + (f" ({words('settings.now')})" if now else "")
    parts = ((row.refused, row.answerable), (row.answered, row.unanswerable))
    shown = (words("settings.of", part=part, all=whole) if whole else NONE for part, whole in parts)
    cells = "".join(
        f'<td data-name="{text(name)}" class="number">{text(value)}</td>'
        for name, value in zip(names[1:], shown, strict=True)
    )
    return f'<tr{" class=now aria-current=true" if now else ""}><th scope="row" class="number">{label}</th>{cells}</tr>'
