"""The metrics, one function each: plain arithmetic on spans, strings and numbers.

A share is between 0 and 1, and None where there is nothing to take a share of. Spans are offsets into a
document's clean text, half open. Nothing here asks a question, opens a library or prints.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rag.types import Answer, AnswerSentence, Citation, Verdict

NUMBER_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
).split()

_QUOTES = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032`\u00b4", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"')
)
_MARKER = re.compile(r"\s*\[\d+(?:\s*[,;\u2013-]\s*\d+)*\]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_LETTER_OR_DIGIT = r"[^\W_]"


class Span(NamedTuple):
    """A stretch of a document's clean text: `text[start:end]` of the document with this id."""

    document: str
    start: int
    end: int


# --- quotes -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _fold_char(char: str) -> str:
    if char.isspace() or unicodedata.category(char) in ("Pd", "Cf") or char == "\u2212":
        return ""
    folded = unicodedata.normalize("NFKD", char.translate(_QUOTES))
    return "".join(c for c in folded if not c.isspace())


@lru_cache(maxsize=16)  # a set has many quotes of few documents
def _fold(text: str) -> tuple[str, list[int]]:
    """Return the folded text and, for each of its characters, the offset in `text` it comes from."""
    pieces = [_fold_char(char) for char in text]
    return "".join(pieces), [i for i, piece in enumerate(pieces) for _ in piece]


def _joins(left: str, right: str) -> bool:
    """Return whether a cut between two characters would go through a word or a number."""
    return (left.isalpha() and right.isalpha()) or (left.isdigit() and right.isdigit())


def locate(quote: str, text: str) -> tuple[int, int] | None:
    """Return the span of a quote in a text, or None; white space, hyphens and typography do not count.

    White space, hyphens, dashes, soft hyphens and other invisible characters are left out of both, curly
    quotation marks become straight, and ligatures and composed accents are taken apart; the rest must agree,
    case included. The first occurrence that starts and ends between words is taken, or where there is none
    (scripts without spaces) the first of all.
    """
    needle, _ = _fold(quote)
    haystack, offsets = _fold(text)
    inside: tuple[int, int] | None = None
    at = haystack.find(needle) if needle else -1
    while at >= 0:
        last = at + len(needle) - 1
        start, end = offsets[at], offsets[last] + 1
        # A folded match may begin or end halfway through an original character ("fi" of "ffi" in one glyph).
        begins = at == 0 or offsets[at - 1] != start
        stops = last + 1 == len(offsets) or offsets[last + 1] >= end
        if begins and stops:
            cut = (start > 0 and _joins(text[start - 1], text[start])) or (
                end < len(text) and _joins(text[end - 1], text[end])
            )
            if not cut:
                return start, end
            inside = inside or (start, end)
        at = haystack.find(needle, at + 1)
    return inside


# --- retrieval ----------------------------------------------------------------------------------------------


def covered(start: int, end: int, spans: Sequence[tuple[int, int]], text: str) -> bool:
    """Return whether the union of the spans holds every character of `text[start:end]` but white space."""
    at = start
    for first, last in sorted(spans):
        if first > at and text[at : min(first, end)].strip():
            return False
        at = max(at, last)
        if at >= end:
            return True
    return not text[at:end].strip()


def evidence_rank(gold: Span, retrieved: Sequence[Span], text: str) -> int | None:
    """Return the smallest k for which the first k passages cover the evidence, or None.

    `text` is the clean text of the evidence's document. Passages of other documents take up ranks and cover
    nothing.
    """
    mine: list[tuple[int, int]] = []
    for k, passage in enumerate(retrieved, start=1):
        if passage.document == gold.document:
            mine.append((passage.start, passage.end))
            if covered(gold.start, gold.end, mine, text):
                return k
    return None


def hit_at(k: int, ranks: Sequence[int | None]) -> float | None:
    """Return 1 if any evidence is found in the first k passages, else 0.

    `ranks` has the `evidence_rank` of each evidence of one question. Mean over questions: success@k.
    """
    return float(any(rank is not None and rank <= k for rank in ranks)) if ranks else None


def all_at(k: int, ranks: Sequence[int | None]) -> float | None:
    """Return 1 if all evidence is found in the first k passages, else 0.

    As in multi-hop retrieval (HotpotQA and others), where half of the evidence does not answer the question.
    """
    return float(all(rank is not None and rank <= k for rank in ranks)) if ranks else None


def reciprocal_rank(ranks: Sequence[int | None]) -> float | None:
    """Return 1 / (smallest k at which any evidence is found), 0 if none is.

    Mean over questions: MRR (Voorhees, TREC-8 question answering track, 1999).
    """
    found = [rank for rank in ranks if rank is not None]
    if not ranks:
        return None
    return 1 / min(found) if found else 0.0


# --- facts and words of the answer --------------------------------------------------------------------------


def plain(text: str) -> str:
    """Return a text without citation markers such as [1], with typography folded and white space single."""
    text = _MARKER.sub("", text).translate(_QUOTES)
    text = "".join("-" if unicodedata.category(c) == "Pd" else c for c in text if c != "\u00ad")
    return " ".join(text.split())


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

    Before that, `plain` takes out citation markers and makes quotation marks ASCII, which SQuAD has not.
    """
    text = "".join(c for c in plain(text).lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def exact_match(answer: str, expected: Sequence[str]) -> float:
    """Return 1 if the answer equals one of the expected ones after SQuAD's normalisation, else 0.

    Rajpurkar et al., SQuAD (2016).
    """
    return float(any(normalise(answer) == normalise(e) for e in expected))


def token_f1(answer: str, expected: Sequence[str]) -> float:
    """Return the best F1 of the answer's words against one of the expected answers.

    With c words in common (as bags): precision c / |answer|, recall c / |expected|, F1 their harmonic mean.
    Rajpurkar et al., SQuAD (2016), same normalisation; two empty texts agree.
    """
    return max((_bag_f1(normalise(answer).split(), normalise(e).split()) for e in expected), default=0.0)


def _bag_f1(left: list[str], right: list[str]) -> float:
    if not left or not right:
        return float(left == right)
    common = (Counter(left) & Counter(right)).total()
    return 2 * common / (len(left) + len(right))


# --- citations ----------------------------------------------------------------------------------------------


def citations_resolve(citations: Sequence[Citation], texts: Mapping[str, str]) -> float | None:
    """Return the share of citations with `quote == texts[document][start:end]`, exactly."""
    if not citations:
        return None
    good = sum(c.document in texts and c.quote == texts[c.document][c.start : c.end] for c in citations)
    return good / len(citations)


def overlaps(one: Span, other: Span) -> bool:
    """Return whether two spans share at least half of the shorter one, in characters."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    shorter = min(one.end - one.start, other.end - other.start)
    return one.document == other.document and shared > 0 and 2 * shared >= shorter


def citation_precision(cited: Sequence[Span], gold: Sequence[Span | None]) -> float | None:
    """Return the share of citations that overlap some evidence.

    As ALCE's citation precision (Gao et al., 2023), with known evidence in the place of an entailment model.
    A `gold` of None is evidence that stands in no document.
    """
    if not cited or not gold:
        return None
    return sum(any(g is not None and overlaps(c, g) for g in gold) for c in cited) / len(cited)


def citation_recall(cited: Sequence[Span], gold: Sequence[Span | None]) -> float | None:
    """Return the share of the evidence that some citation overlaps; None, in no document, is a miss."""
    if not gold:
        return None
    return sum(g is not None and any(overlaps(c, g) for c in cited) for g in gold) / len(gold)


def supported_values(answer: Answer) -> float | None:
    """Return the share of supported sentences whose numbers and names all stand in their own cited quotes.

    A check that shares no code with the verifier, and is simpler: numbers are compared without thousands
    separators, number words to twenty as digits ("one" and "zero" are too often no numbers); names are
    capitalised words after the first word, compared as whole words whatever their case. It knows no synonyms,
    so what it doubts is to be read, not condemned.
    """
    quotes = {c.id: c.quote for c in answer.citations}
    shown = [s for s in answer.sentences if s.verdict is Verdict.SUPPORTED]
    if not shown or answer.status == "refused":
        return None
    return sum(_values_hold(sentence, quotes) for sentence in shown) / len(shown)


def _values_hold(sentence: AnswerSentence, quotes: Mapping[int, str]) -> bool:
    said = plain(sentence.text)
    cited = plain(" ".join(quotes.get(id_, "") for id_ in sentence.citations))
    names = {_base(word) for word in _WORD.findall(said)[1:] if word[0].isupper() and word != "I"}
    numbers = _numbers(said) | (_spelled(said) - {"0", "1"})
    return names <= {_base(word) for word in _WORD.findall(cited)} and numbers <= _numbers(cited) | _spelled(cited)


def _base(word: str) -> str:
    return word.lower().removesuffix("'s").removesuffix("'")


def _numbers(text: str) -> set[str]:
    return {number.replace(",", "") for number in _NUMBER.findall(text)}


def _spelled(text: str) -> set[str]:
    words = re.findall(r"[a-z]+", text.lower())
    return {str(NUMBER_WORDS.index(word)) for word in words if word in NUMBER_WORDS}


# --- refusals and confidence --------------------------------------------------------------------------------


def refusal_precision(refused: Sequence[bool], should: Sequence[bool]) -> float | None:
    """Return the share of refusals that were right: |refused and should| / |refused|."""
    right = sum(r and s for r, s in zip(refused, should, strict=True))
    return right / sum(refused) if any(refused) else None


def refusal_recall(refused: Sequence[bool], should: Sequence[bool]) -> float | None:
    """Return the share of questions to refuse that were refused: |refused and should| / |should|."""
    return refusal_precision(should, refused)


def refusal_f1(refused: Sequence[bool], should: Sequence[bool]) -> float | None:
    """Return the harmonic mean of precision and recall: 2 |refused and should| / (|refused| + |should|)."""
    right = sum(r and s for r, s in zip(refused, should, strict=True))
    size = sum(refused) + sum(should)
    return 2 * right / size if size else None


def auroc(scores: Sequence[float], positive: Sequence[bool]) -> float | None:
    """Return the chance that a positive has a higher score than a negative, a tie counting half.

    The area under the ROC curve as the Mann-Whitney statistic U / (n+ n-) (Hanley and McNeil, 1982).
    """
    pairs = list(zip(scores, positive, strict=True))
    high = np.array([s for s, p in pairs if p])
    low = np.array([s for s, p in pairs if not p])
    if not high.size or not low.size:
        return None
    difference = high[:, None] - low[None, :]
    return float(((difference > 0) + 0.5 * (difference == 0)).mean())


# --- summaries ----------------------------------------------------------------------------------------------


def percentile(values: Sequence[float], percent: int) -> float | None:
    """Return the nearest-rank percentile: the smallest value that `percent` % of the values do not exceed.

    It is always one of the values, so a latency that was really seen.
    """
    if not 1 <= percent <= 100:
        raise ValueError(f"percent is {percent}; expected 1 to 100")
    return sorted(values)[-(-percent * len(values) // 100) - 1] if values else None


def bootstrap_interval(values: Sequence[float], *, resamples: int = 1000, seed: int = 0) -> tuple[float, float] | None:
    """Return the 95 % interval of the mean by the bootstrap's percentile method (Efron, 1979).

    The 2.5th and 97.5th percentile of the means of `resamples` samples drawn with replacement; the same
    seed gives the same interval.
    """
    if not values:
        return None
    data, rng = np.asarray(values, dtype=float), np.random.default_rng(seed)
    # One resample at a time: the whole matrix of a large set would not fit in memory.
    means = [rng.choice(data, data.size).mean() for _ in range(resamples)]
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)
