"""Questions in other words: a noun, verb or adjective for which WordNet has a synonym in its most frequent sense.

Questions of the public sets share far more words with their passages than those that people ask of long texts.
Reads the database files of WordNet 3 from a folder ("index.noun", "data.noun" and so on).
"""

from __future__ import annotations

import random
import re
from pathlib import Path

from eval.training.data import Example
from rag.facts import FUNCTION_WORDS

SHARE = 0.3
"""Of the words that have synonyms, those that are exchanged."""


def read_synonyms(folder: Path) -> dict[str, list[str]]:
    """Return the single-word synonyms of each word, those of its most frequent sense.

    Raises:
        OSError: when the folder lacks a file.
    """
    found: dict[str, list[str]] = {}
    for part in ("noun", "verb", "adj"):
        sets = {}
        for line in (folder / f"data.{part}").read_text(encoding="latin-1").splitlines():
            if line[:1].isdigit():
                fields = line.split(" ")
                count = int(fields[3], 16)
                sets[fields[0]] = [re.sub(r"\(.*", "", w) for w in fields[4 : 4 + 2 * count : 2]]
        for line in (folder / f"index.{part}").read_text(encoding="latin-1").splitlines():
            if line[:1].isspace():
                continue
            fields = line.split()
            word, first = fields[0], fields[6 + int(fields[3])]
            others = [w for w in sets.get(first, []) if w.isalpha() and w.islower() and w != word]
            if word.isalpha() and len(word) > 3 and others:
                found.setdefault(word, []).extend(others)
    return found


def reworded(example: Example, synonyms: dict[str, list[str]], chance: random.Random) -> str:
    """Return the question with some of its words exchanged for synonyms; endings are kept where that is simple."""

    def other(match: re.Match[str]) -> str:
        word = match[0]
        if word in FUNCTION_WORDS or chance.random() > SHARE:
            return word
        for ending in ("", "s", "ed", "d"):
            stem = word.removesuffix(ending) if ending else word
            if word.endswith(ending) and stem in synonyms:
                return chance.choice(synonyms[stem]) + ending
        return word

    return re.sub(r"\b[a-z]{4,}\b", other, example.question)
