"""Tell the language of a text by its script, and where that is Latin by its commonest words."""

from __future__ import annotations

import re
from collections import Counter

_SAMPLE = 20_000
_LEAST_WORDS = 25
_LEAST_SHARE = 0.1
_LEAD = 1.3
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]"), 0.1),  # before Chinese: Japanese mixes kana with Han characters
    ("ko", re.compile(r"[\uac00-\ud7af]"), 0.3),
    ("zh", re.compile(r"[\u3400-\u9fff]"), 0.3),
    ("ru", re.compile(r"[\u0400-\u04ff]"), 0.5),
    ("el", re.compile(r"[\u0370-\u03ff]"), 0.5),
    ("ar", re.compile(r"[\u0600-\u06ff]"), 0.5),
    ("he", re.compile(r"[\u0590-\u05ff]"), 0.5),
    ("hi", re.compile(r"[\u0900-\u097f]"), 0.5),
    ("th", re.compile(r"[\u0e00-\u0e7f]"), 0.3),
)
_SCRIPT_OF = {code: script for code, script, _ in _SCRIPTS}
# Letters of a script that only one of its languages has.
_OWN_LETTERS = {"ru": ("uk", re.compile(r"[іїєґІЇЄҐ]"), 0.02), "ar": ("fa", re.compile(r"[پچژگی]"), 0.03)}
_FAMILIES = {
    "ru": frozenset({"uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg", "tt"}),
    "uk": frozenset({"ru", "be", "bg", "sr", "mk"}),
    "ar": frozenset({"fa", "ur", "ps", "ku", "ug", "sd"}),
    "fa": frozenset({"ar", "ur", "ps", "ku"}),
    "hi": frozenset({"mr", "ne", "sa"}),
    "he": frozenset({"yi"}),
    "zh": frozenset({"ja", "yue", "lzh"}),
}
_WORDS = {
    "en": "the of and to in a is that for was on as with by it at from are this be his which or not were has have had",
    "de": "der die das und den dem des ein eine einen einer von zu mit nicht ist im auf für als auch sich es an wird",
    "fr": "le la les des et du une un est que dans pour au en il qui pas sur ce par plus ne se avec sont aux cette",
    "es": "el la los las de y en que un una es por con del se para no su al lo como más fue sus entre pero este esta",
    "it": "il di che e la un una per è in del della non con si le gli da al dei nel sono come alla più ha ma questo",
    "pt": "o a os as de e do da em que um uma para com não no na por se dos das mais foi ao ele pelo pela são como",
    "nl": "de het een van en in is dat op te zijn voor met niet die aan er om ook door bij uit naar maar wordt werd",
    "pl": "w i na z nie się że do jest to o jak po od za przez są był dla tym ale przy które oraz jego być",
    "sv": "och att det som en på är av för med den till inte om ett var från har de men eller när vid kan så hade",
}
_COMMON = {code: frozenset(words.split()) for code, words in _WORDS.items()}
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str, stated: str | None = None) -> str | None:
    """Return the ISO 639-1 code of the language that the text is in, or None where that is not plain.

    `stated` is what the document says of itself: it holds where the text does not tell otherwise, for pages are often
    marked with the language of their site.
    """
    sample = text[:_SAMPLE]
    script = _by_script(sample)
    if script:
        return stated if stated and stated in _FAMILIES.get(script, ()) else script
    return _by_words(sample) or stated


def cut_as(text: str, language: str) -> str:
    """Return the language by whose rules a text is cut into sentences: the one given, if the script can be its own."""
    sample = text[:_SAMPLE]
    own = _SCRIPT_OF.get(language)
    if own and 2 * len(own.findall(sample)) > len(sample):
        return language
    found = _by_script(sample)
    if found is None:
        return language if language and _is_latin(language) else _by_words(sample) or language
    return language if language in _FAMILIES.get(found, ()) else found


def _is_latin(language: str) -> bool:
    return language not in _SCRIPT_OF and not any(language in family for family in _FAMILIES.values())


def _by_script(sample: str) -> str | None:
    if sample.isascii():
        return None
    letters = len(_LETTER.findall(sample))
    for code, script, share in _SCRIPTS if letters else ():
        if len(script.findall(sample)) > share * letters:
            other, own, least = _OWN_LETTERS.get(code, ("", script, 2.0))
            return other if len(own.findall(sample)) > least * letters else code
    return None


def _by_words(sample: str) -> str | None:
    words = Counter(_WORD.findall(sample.casefold()))
    total = words.total()
    if total < _LEAST_WORDS:
        return None
    shares = sorted(((sum(words[w] for w in common) / total, code) for code, common in _COMMON.items()), reverse=True)
    (best, code), (second, _) = shares[:2]
    return code if best >= _LEAST_SHARE and best >= _LEAD * second else None
