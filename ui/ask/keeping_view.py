"""The form by which a question that was asked becomes one of a set, as HTML."""

from __future__ import annotations

from collections.abc import Sequence

from eval.formats import RETRIEVAL, TYPES
from rag.exchange import Exchange
from ui.ask.keeping import NEW, Form
from ui.markup import note, text
from ui.words import Words


def dialog(turn: int, exchange: Exchange, form: Form, names: Sequence[str], words: Words, problem: str = "") -> str:
    """Return the form in a window of its own above the page."""
    field = _Fields(words)
    sets = _choice("set", [(name, name) for name in names] + [(NEW, words("ask.set_new"))], form.set_name)
    types = _choice("type", [(name, name) for name in TYPES if name != RETRIEVAL], form.type)
    places = "".join(
        f'<label class="place"><input type="checkbox" name="places" value="{text(key)}"'
        f"{' checked' if key in form.places else ''}><span>[{text(key)}] “<bdi>{text(place.quote)}</bdi>” "
        f"<cite><bdi>{text(place.title)}</bdi></cite></span></label>"
        for key, place in exchange.places.items()
    )
    return (
        f'<dialog class="keeping" aria-labelledby="keeping-title"><form data-do="submit" data-turn="{turn}">'
        f'<h2 id="keeping-title">{text(words("ask.to_set"))}</h2>{note(problem) if problem else ""}'
        f'<div class="two">{field.wrap("ask.set", sets)}{field.line("ask.set_name", "new", form.new_name)}</div>'
        f"{field.area('ask.set_question', 'question', form.question, 2)}{field.wrap('ask.set_type', types)}"
        f"{field.area('ask.set_answer', 'answer', form.answer, 3)}"
        f"{field.area('ask.set_facts', 'facts', form.facts, 2, 'ask.set_facts_hint')}"
        f"<fieldset><legend>{text(words('ask.set_places'))}</legend>{places}</fieldset>"
        f'<p class="decide"><button type="submit" class="accept">{text(words("ask.set_keep"))}</button>'
        f'<button type="button" data-close>{text(words("ask.cancel"))}</button></p></form></dialog>'
    )


class _Fields:
    """Makes fields with their labels."""

    def __init__(self, words: Words) -> None:
        self.words = words

    def wrap(self, name: str, inside: str, hint: str = "") -> str:
        said = f"<small>{text(self.words(hint))}</small>" if hint else ""
        return f"<label><span>{text(self.words(name))}</span>{said}{inside}</label>"

    def line(self, name: str, key: str, value: str) -> str:
        return self.wrap(name, f'<input type="text" name="{key}" value="{text(value)}" autocomplete="off">')

    def area(self, name: str, key: str, value: str, rows: int, hint: str = "") -> str:
        # A browser leaves out a line end right behind the tag: one of ours saves one of the text.
        return self.wrap(name, f'<textarea name="{key}" rows="{rows}" dir="auto">\n{text(value)}</textarea>', hint)


def _choice(key: str, choices: Sequence[tuple[str, str]], chosen: str) -> str:
    options = (
        f'<option value="{text(value)}"{" selected" if value == chosen else ""}>{text(name)}</option>'
        for value, name in choices
    )
    return f'<select name="{key}">{"".join(options)}</select>'
