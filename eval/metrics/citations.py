"""Whether citations hold, support their sentences, and are those of the known evidence."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from eval.metrics.spans import Span, overlaps
from eval.metrics.text import NUMBER_WORDS, plain
from rag.types import Answer, AnswerSentence, Citation, Verdict

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")

Supports = Callable[[str, Sequence[str]], bool]
"""Says whether quotes, taken together, support a sentence."""


def citations_resolve(citations: Sequence[Citation], texts: Mapping[str, str]) -> float | None:
    """Return the share of citations with `quote == texts[document][start:end]`, exactly."""
    if not citations:
        return None
    good = sum(c.document in texts and c.quote == texts[c.document][c.start : c.end] for c in citations)
    return good / len(citations)


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


def alce_recall(answer: Answer, supports: Supports) -> float | None:
    """Return the share of sentences that their citations, taken together, support.

    ALCE's citation recall (Gao et al., 2023), with our verifier in the place of their entailment model. A sentence
    without a citation is not supported; a refusal has no sentences.
    """
    quotes = _quotes(answer)
    if not quotes:
        return None
    return sum(bool(cited) and supports(text, cited) for text, cited in quotes) / len(quotes)


def alce_precision(answer: Answer, supports: Supports) -> float | None:
    """Return the share of citations that are needed where they stand.

    ALCE's citation precision (Gao et al., 2023): a citation counts when its sentence is supported by all of its
    citations together, unless it does not support the sentence alone and the others do without it.
    """
    quotes = _quotes(answer)
    if not any(cited for _, cited in quotes):
        return None
    needed = sum(_needed(text, cited, supports) for text, cited in quotes)
    return needed / sum(len(cited) for _, cited in quotes)


def _needed(text: str, cited: Sequence[str], supports: Supports) -> int:
    if not cited or not supports(text, cited):
        return 0
    if len(cited) == 1:
        return 1
    return sum(supports(text, [q]) or not supports(text, [*cited[:i], *cited[i + 1 :]]) for i, q in enumerate(cited))


def _quotes(answer: Answer) -> list[tuple[str, list[str]]]:
    """Return each sentence that is shown, with the quotes of its citations."""
    quotes = {c.id: c.quote for c in answer.citations}
    shown = () if answer.status == "refused" else answer.sentences
    return [(s.text, [quotes[n] for n in s.citations if n in quotes]) for s in shown]


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
