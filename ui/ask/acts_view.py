"""What can be done with a conversation, and with an answer of it, as HTML: buttons, menus and links to files.

A `data-do` names the event that a choice is told by; `ui/scripts/ask.js` tells it.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.exchange import Exchange
from ui.markup import text
from ui.words import Words

ROUTE = "/conversations/"
"""Where the files of conversations are: `ROUTE` + id + `.md`, and for one answer id + `/` + its number + `.md`."""

FORMATS = {"md": "Markdown", "html": "HTML", "docx": "Word"}
"""The files that a conversation is given as, by suffix."""

LONGEST_REASON = 500

_THUMB = (
    '<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M7 11v9H4a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1z'
    'm0 0 4-8a2 2 0 0 1 2 2v4h6a2 2 0 0 1 2 2.3l-1.2 7A2 2 0 0 1 17.8 20H7"/></svg>'
)


def head(identity: str, title: str, words: Words) -> str:
    """Return what stands above a conversation: its title, and what can be done with all of it."""
    rename = (
        f'<button type="button" data-do="apply" data-what="rename" data-prompt="{text(words("ask.rename_to"))}" '
        f'data-value="{text(title)}">{text(words("ask.rename"))}</button>'
    )
    delete = (
        f'<button type="button" data-do="apply" data-what="delete" class="danger" '
        f'data-sure="{text(words("ask.delete_sure", title=title))}">{text(words("ask.delete"))}</button>'
    )
    return (
        f'<header class="talk-head"><p class="talk-title" dir="auto">{text(title)}</p>'
        f'<div class="acts">{_exports(identity, words)}{rename}{delete}</div></header>'
    )


def acts(identity: str, turn: int, e: Exchange, models: Sequence[str], words: Words) -> str:
    """Return what can be done with a question and its answer."""
    parts = []
    if e.answer:
        parts += [_thumb(turn, e, "up", words("ask.thumb_up")), _thumb(turn, e, "down", words("ask.thumb_down"))]
        parts.append(
            f'<button type="button" data-copy="{ROUTE}{identity}/{turn + 1}/copy?language={words.language}" '
            f'data-copied="{text(words("ask.copied"))}">{text(words("ask.copy"))}</button>'
        )
        parts.append(_exports(f"{identity}/{turn + 1}", words))
    parts.append(_retry(turn, e, models, words))
    parts.append(f'<button type="button" data-do="edit" data-turn="{turn}">{text(words("ask.edit"))}</button>')
    if e.answer:
        parts.append(f'<button type="button" data-do="select" data-turn="{turn}">{text(words("ask.to_set"))}</button>')
    when = f'<span class="when">{text(e.asked[:16].replace("T", " "))} · {text(e.model)}</span>' if e.asked else ""
    label = text(words("ask.acts"))
    return f'<div class="acts" role="group" aria-label="{label}">{"".join(parts)}{when}</div>{_reason(turn, e, words)}'


def _exports(path: str, words: Words) -> str:
    links = "".join(
        f'<a href="{ROUTE}{text(path)}.{suffix}?language={words.language}" download>{text(name)}</a>'
        for suffix, name in FORMATS.items()
    )
    return f'<details class="menu"><summary>{text(words("ask.export"))}</summary><div>{links}</div></details>'


def _retry(turn: int, e: Exchange, models: Sequence[str], words: Words) -> str:
    buttons = "".join(
        f'<button type="button" data-do="retry" data-turn="{turn}" data-model="{text(name)}">{text(name)}'
        f"{' ✓' if name == e.model else ''}</button>"
        for name in models
    )
    return f'<details class="menu"><summary>{text(words("ask.retry"))}</summary><div>{buttons}</div></details>'


def _thumb(turn: int, e: Exchange, which: str, name: str) -> str:
    given = e.rating == which
    return (
        f'<button type="button" class="thumb {which}" data-do="like" data-turn="{turn}" '
        f'data-rating="{"" if given else which}" aria-pressed="{str(given).lower()}" aria-label="{text(name)}" '
        f'title="{text(name)}">{_THUMB}</button>'
    )


def _reason(turn: int, e: Exchange, words: Words) -> str:
    if not e.rating:
        return ""
    label = words("ask.why_up" if e.rating == "up" else "ask.why_down")
    return (
        f'<form class="reason" data-do="like" data-turn="{turn}" data-rating="{e.rating}">'
        f'<label><span>{text(label)}</span><input name="reason" type="text" maxlength="{LONGEST_REASON}" '
        f'value="{text(e.reason)}" autocomplete="off"></label>'
        f'<button type="submit">{text(words("ask.save"))}</button></form>'
    )
