"""The list of conversations beside the one that is open, as HTML, and the notice above the question."""

from __future__ import annotations

from collections.abc import Sequence

from rag.conversations import LISTED, Listed
from ui.markup import text
from ui.words import ENGLISH, Words


def bar(words: Words = ENGLISH) -> str:
    """Return the button that shows and hides the list."""
    return (
        f'<button type="button" class="fold" data-fold="talks" aria-expanded="false" aria-controls="talks">'
        f'<span aria-hidden="true">☰</span> {text(words("ask.conversations"))}</button>'
    )


def listed(talks: Sequence[Listed], current: str, search: str = "", words: Words = ENGLISH) -> str:
    """Return the list of conversations, the one that is open marked."""
    items = "".join(_item(talk, talk.id == current, words) for talk in talks)
    if not items:
        return f'<p class="hint">{text(words("ask.none_found" if search.strip() else "ask.none_yet"))}</p>'
    more = f'<p class="hint">{text(words("ask.more_talks", n=LISTED))}</p>' if len(talks) == LISTED else ""
    return f'<nav aria-label="{text(words("ask.conversations"))}"><ul class="talks">{items}</ul>{more}</nav>'


def _item(talk: Listed, current: bool, words: Words) -> str:
    mark = ' aria-current="true"' if current else ""
    when = text(talk.changed[:10])
    questions = text(words("ask.questions", n=talk.questions))
    return (
        f'<li><button type="button" data-do="select" data-talk="{text(talk.id)}"{mark}><span class="name" dir="auto">'
        f'{text(talk.title)}</span><span class="when">{when} · {questions}</span></button></li>'
    )


def notice(message: str, words: Words = ENGLISH, *, cancel: bool = False, alert: bool = False) -> str:
    """Return what is said above the question; with a way to go back on what is being done, if there is one."""
    button = f' <button type="button" data-do="undo">{text(words("ask.cancel"))}</button>' if cancel else ""
    kind = 'class="problem" role="alert"' if alert else 'class="notice" role="status"'
    return f'<p {kind} dir="auto">{text(message)}{button}</p>'
