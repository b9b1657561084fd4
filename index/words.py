"""Words become terms: how a text is split for the lexical index, whatever its language.

What is done to a word hangs on its script alone, never on a guess of the language: a question of three words and the
long text that answers it are split alike. Latin words are stemmed as English (German ones find their passage nearly
as often as with a German stemmer: .965 for .971 of XQuAD's questions among the first five), Cyrillic as Russian, Greek,
Arabic and Tamil as themselves. Scripts without blanks between words are cut into pairs of neighbouring characters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tantivy

LONGEST = 60
"""Bytes of a word; what is longer is no word of a language."""

_STEMMERS = ("english", "russian", "greek", "arabic", "tamil")
"""Each leaves the letters of the others' scripts alone."""

_BEYOND_LATIN = re.compile(r"[^\x00-\u012f\u0131-\u02ff\u2000-\u206f]")
_INVISIBLE = re.compile(r"[\u00ad\u200d\u2060\ufeff]")
_UNPAIRED = re.compile(r"[\ud800-\udfff]")
_UNSPACED = re.compile(
    r"[\u3005-\u3007\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    r"\U00020000-\U0003ffff"  # Han characters and kana
    r"\uac00-\ud7af"  # Hangul, whose words carry their particles
    r"\u0e01-\u0e4e\u0e81-\u0ece\u1000-\u109f\u1780-\u17d3]+"  # Thai, Lao, Burmese, Khmer
)


def analyse(text: str, without: frozenset[str] = frozenset()) -> list[str]:
    """Split a text into the terms under which its words are indexed: lower case, unaccented, stemmed.

    `without` are words in lower case, as they are written, that are left out.
    """
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    if _BEYOND_LATIN.search(text) is None:
        return list(_analyser(_STEMMERS[:1], without).analyze(text))
    # Marks that stand on a letter and have no character with it would part the word: a point of Hebrew, a stray accent.
    bare = "".join(c for c in _UNPAIRED.sub(" ", text.lower()) if not unicodedata.combining(c))
    return list(_analyser(_STEMMERS, without).analyze(_UNSPACED.sub(_pairs, bare)))


def _pairs(run: re.Match[str]) -> str:
    return f" {' '.join(map(''.join, pairwise(run[0]))) or run[0]} "


@cache
def _analyser(stemmers: tuple[str, ...], without: frozenset[str]) -> tantivy.TextAnalyzer:
    import tantivy

    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    steps = [tantivy.Filter.remove_long(LONGEST), tantivy.Filter.lowercase()]
    # Before accents go: "thé" is no article.
    steps += [tantivy.Filter.custom_stopword(sorted(without)), tantivy.Filter.ascii_fold()]
    for step in (*steps, *map(tantivy.Filter.stemmer, stemmers)):
        builder = builder.filter(step)
    return builder.build()
