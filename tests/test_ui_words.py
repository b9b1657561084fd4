"""The words of the interface: every language says everything, with the same values in it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from string import Template

import pytest

from ui.words import FOLDER, PLURALS, Words, languages

FORMS = {"en": {"one", "other"}, "ru": {"one", "few", "many"}}


def texts(language: str) -> dict[str, object]:
    files = sorted((FOLDER / language).glob("*.toml"))
    return {f"{f.stem}.{k}": v for f in files for k, v in tomllib.loads(f.read_text(encoding="utf-8")).items()}


def values(text: object) -> set[str]:
    forms = text.values() if isinstance(text, dict) else [text]
    return {name for form in forms for name in Template(form).get_identifiers()}


@pytest.mark.parametrize("language", languages())
def test_each_language_says_everything_with_the_same_values(language: str) -> None:
    english, other = texts("en"), texts(language)
    assert other.keys() == english.keys()
    for name, text in other.items():
        assert values(text) - {"n"} == values(english[name]) - {"n"}, name
        assert isinstance(text, dict) == isinstance(english[name], dict), name
        if isinstance(text, dict):
            assert text.keys() == FORMS[language], name
        for form in text.values() if isinstance(text, dict) else [text]:
            assert isinstance(form, str) and form.strip() and Template(form).is_valid(), name


def test_what_is_called_is_there_and_what_is_there_is_called() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in Path("ui").rglob("*.py") if path.name != "words.py")
    code = code.replace("'", '"')  # within an f-string
    there = texts("en").keys()
    called = set(re.findall(r"""\bwords\(\s*(?:f?"([a-z_.]+)")""", code))
    assert not called - there
    families = {name for name in re.findall(r'"([a-z]+\.[a-z_]+_)\{', code)}
    assert not [name for name in there if f'"{name}"' not in code and not name.startswith(tuple(families) or "-")]


@pytest.mark.parametrize(
    ("n", "form"),
    [(1, "one"), (2, "few"), (5, "many"), (11, "many"), (12, "many"), (21, "one"), (22, "few"), (0, "many")],
)
def test_russian_numbers_take_three_forms(n: int, form: str) -> None:
    assert PLURALS["ru"](n) == form


def test_a_language_without_words_is_named() -> None:
    with pytest.raises(KeyError, match="'xx'"):
        Words("xx")
