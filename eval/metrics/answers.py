"""Whether an answer says what was expected."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from eval.metrics.text import NUMBER_WORDS, plain

_LETTER_OR_DIGIT = r"[^\W_]"

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
"""Turns texts into unit vectors, one a row."""


def mentions(text: str, fact: str, *, whole_words: bool = False) -> bool:
    """Return whether a string of `must_include` stands in a text, case-insensitive, on word boundaries.

    The string must start where a word starts. Question sets also hold stems ("ukrain", "world trade organi"),
    so it may end inside a word, with four exceptions, in which more letters make another word: it ends in a
    digit ("9"), its last word has up to three letters ("no", "Xi"), is in capitals ("BRICS"), or is a number
    ("nine" is not "nineteen"). A string that ends in punctuation ("no,") ends there. A digit is not matched
    after or before the rest of a decimal number ("9" is in neither "3.9" nor "9.5"; "25" is in "25,000").
    `whole_words` asks for a word's end always.
    """
    text, fact = plain(text), plain(fact)
    if not fact:
        return False
    before = after = ""
    if fact[0].isalnum():
        before = f"(?<!{_LETTER_OR_DIGIT})" + (r"(?<!\d[.,])" if fact[0].isdigit() else "")
    if fact[-1].isalnum() and (whole_words or _ends_a_word(fact)):
        after = f"(?!{_LETTER_OR_DIGIT})" + (r"(?!\.\d)" if fact[-1].isdigit() else "")
    return re.search(before + re.escape(fact) + after, text, re.IGNORECASE) is not None


def _ends_a_word(fact: str) -> bool:
    last = re.split(r"[\W_]+", fact)[-1]
    return fact[-1].isdigit() or len(last) <= 3 or last.isupper() or last.lower() in NUMBER_WORDS


def facts_found(answer: str, groups: Sequence[Sequence[str]], *, whole_words: bool = False) -> float | None:
    """Return the share of groups with at least one string in the answer; give "" for a refusal, which has 0.

    Formula: |{g : some s of g is mentioned}| / |groups|. For what counts as mentioned, see `mentions`.
    """
    if not groups:
        return None
    found = (any(mentions(answer, fact, whole_words=whole_words) for fact in group) for group in groups)
    return sum(found) / len(groups)


def normalise(text: str) -> str:
    """Return a text as SQuAD's evaluation script compares it: lower case, no punctuation, no articles.

    Only ASCII punctuation goes, as there; for other typography take `plain` first.
    """
    text = "".join(c for c in text.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def exact_match(answer: str, expected: Sequence[str]) -> float:
    """Return 1 if the answer equals one of the expected ones after SQuAD's normalisation, else 0.

    Rajpurkar et al., SQuAD (2016).
    """
    return float(any(normalise(answer) == normalise(e) for e in expected))


def token_f1(answer: str, expected: Sequence[str]) -> float:
    """Return the best F1 of the answer's words against one of the expected answers.

    With c words in common (as bags): precision c / |answer|, recall c / |expected|, F1 their harmonic mean.
    Rajpurkar et al., SQuAD (2016), same normalisation; where one is empty, 1 if both are, else 0 (SQuAD 2.0, 2018).
    """
    return max((_bag_f1(normalise(answer).split(), normalise(e).split()) for e in expected), default=0.0)


def squad_expected(expected: Sequence[str]) -> Sequence[str]:
    """Return the expected answers as SQuAD 2.0 compares them: a question without an answer expects the empty text.

    Expected answers of which normalisation leaves nothing are passed over (Rajpurkar et al., 2018).
    """
    return [e for e in expected if normalise(e)] or [""]


def similarity(answer: str, expected: Sequence[str], encode: Encode) -> float | None:
    """Return the highest cosine between the answer and one of the expected answers, 0 at least, and 0 for no answer.

    As the semantic answer similarity of Risch et al. (2021), with the library's embedding model in the place of
    theirs. It tells paraphrases from other subjects, not a right number from a wrong one.
    """
    if not expected:
        return None
    if not answer.strip():
        return 0.0
    # Two calls: in one, short expected answers would be padded to the length of the answer.
    (said,), others = encode([answer]), encode(expected)
    return float(min(max(0.0, *(float(said @ other) for other in others)), 1.0))


def _bag_f1(left: list[str], right: list[str]) -> float:
    if not left or not right:
        return float(left == right)
    common = (Counter(left) & Counter(right)).total()
    return 2 * common / (len(left) + len(right))
