"""The words of the interface, by language: one TOML file for each part of the page, in `ui/words/LANGUAGE/`.

A text is named `part.name`. Values stand as `$name` in it; where a number decides the form, the text is a table of
plural forms (`one`, `few`, `many`, `other`) and the number is the value `n`. What documents, models and the pipeline
say is not among them: it is shown as it is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from string import Template

FOLDER = Path(__file__).with_name("words")

Text = str | Mapping[str, str]


class Words:
    """The texts of one language. `words("ask.placeholder")` gives one, `words("ask.documents", n=3)` in its form."""

    def __init__(self, language: str) -> None:
        """Read the texts of a language.

        Raises:
            KeyError: when there are no texts of that language.
        """
        if language not in languages():
            raise KeyError(f"there are no words for the language {language!r}; there are: {', '.join(languages())}")
        self.language = language
        self._texts = _read(language)

    def __call__(self, name: str, /, **values: object) -> str:
        """Return a text with its values put in; as plain text, not as HTML.

        Raises:
            KeyError: when there is no text of that name, or a value of it is not given.
        """
        found = self._texts[name]
        if not isinstance(found, str):
            found = found[PLURALS[self.language](int(str(values["n"])))]
        return Template(found).substitute({key: self._shown(value) for key, value in values.items()})

    def _shown(self, value: object) -> object:
        """Return a whole number with its thousands apart; anything else as it is."""
        return f"{value:,}".replace(",", THOUSANDS[self.language]) if isinstance(value, int) else value


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that the interface speaks, English first."""
    return tuple(
        sorted((path.name for path in FOLDER.iterdir() if path.is_dir()), key=lambda name: (name != "en", name))
    )


@cache
def _read(language: str) -> Mapping[str, Text]:
    texts: dict[str, Text] = {}
    for path in sorted((FOLDER / language).glob("*.toml")):
        for name, value in tomllib.loads(path.read_text(encoding="utf-8")).items():
            texts[f"{path.stem}.{name}"] = value
    return texts


def _english(n: int) -> str:
    return "one" if n == 1 else "other"


def _russian(n: int) -> str:
    """Return the plural form by the rules of CLDR for whole numbers."""
    if n % 10 == 1 and n % 100 != 11:
        return "one"
    return "few" if 2 <= n % 10 <= 4 and not 12 <= n % 100 <= 14 else "many"


PLURALS: Mapping[str, Callable[[int], str]] = {"en": _english, "ru": _russian}
"""Which form of a text a number takes."""

THOUSANDS = {"en": ",", "ru": "\u202f"}
"""What stands between the thousands of a number."""

ENGLISH = Words("en")
