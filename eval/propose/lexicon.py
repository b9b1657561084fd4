"""The words and names of some documents: which words need no capital, which names there are and how common they are."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from rag.facts import FUNCTION_WORDS

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
NAME = re.compile(
    r"[A-ZÀ-Þ][\w’'-]*(?:\.(?=\s[A-Z]))?(?: (?:(?:of|of the|de|von|van|al) )?[A-ZÀ-Þ][\w’'-]*(?<!['’]s))*"
)
_ONE = r"[A-ZÀ-Þ][\w’'-]*(?: [A-ZÀ-Þ][\w’'-]*){0,3}"
_JOINED = re.compile(rf"{_ONE}(?:, {_ONE})*,? (?:and|or) {_ONE}")
_MONTHS = frozenset(
    """January February March April May June July August September October November December Monday Tuesday Wednesday
    Thursday Friday Saturday Sunday Spring Summer Autumn Winter""".split()
)


class Lexicon:
    """Words of some sentences, with capitals as the sentences have them; the first word of a sentence tells nothing."""

    def __init__(self, sentences: Iterable[str], more: Iterable[str] = ()) -> None:
        """Read the sentences; `more` are words in lower case that are known beside."""
        self._small: Counter[str] = Counter()
        self._large: Counter[str] = Counter()
        self.names: Counter[str] = Counter()
        self._kin: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for sentence in sentences:
            words = _WORD.findall(sentence)[1:]
            self._small.update(word for word in words if word.islower())
            self._large.update(word for word in words if word[0].isupper())
            self.names.update(names_in(sentence))
            for match in _JOINED.finditer(sentence):
                joined = [name for part in re.split(r", | and | or ", match[0]) for name in names_in(f"- {part}")]
                for name in joined:
                    self._kin[name].update(other for other in joined if other != name)
        self._more = frozenset(more)

    def kin(self, name: str) -> list[str]:
        """Return names of the same kind: those that stand beside it in a list ("A, B and C"), then those beside these.

        Names that are joined are of one kind (Hearst, 1992, and after him all who learn kinds from lists).
        """
        near = self._kin.get(name, Counter())
        far: Counter[str] = Counter()
        for other, count in near.items():
            if count > 1 or len(near) < 4:
                far.update(self._kin[other])
        ranked = [n for n, _ in sorted(near.items(), key=lambda pair: (-pair[1], pair[0]))]
        return ranked + [n for n, _ in sorted(far.items(), key=lambda p: (-p[1], p[0])) if n != name and n not in near]

    def __contains__(self, word: object) -> bool:
        """Return whether a word in lower case is one."""
        return word in self._small or word in self._more

    def is_common(self, word: str) -> bool:
        """Return whether a word has a capital only where a sentence begins."""
        small = self._small[word.lower()]
        return small > 0 and small >= self._large[word]


def names_in(text: str) -> list[str]:
    """Return the names in a sentence, those of months and days aside; its first word is none by itself."""
    found = []
    for match in NAME.finditer(text):
        name = match[0]
        first, _, rest = name.partition(" ")
        if first.lower() in FUNCTION_WORDS or (not match.start() and first in _MONTHS):
            name = rest
        if not match.start() and name == match[0] and not rest:
            continue
        name = re.sub(r"['’]s$", "", re.sub(r"^(?:of|and|the) ", "", name))
        if len(name) > 1 and not any(word in _MONTHS for word in name.split()):
            found.append(name)
    return found
