"""Score one answer by what is known of its question, and say in words why it counts as right or wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eval import metrics
from eval.formats import RETRIEVAL, Item
from eval.metrics import Span
from eval.metrics.answers import Encode
from eval.metrics.citations import Supports
from eval.runs import Gold
from rag.types import Answer, Verdict
from rag.verify import verify

CUTOFFS = (1, 3, 5, 10)
"""The k of hit@k, recall@k and all@k."""

SHORT = 6
"""Words of an expected answer that can be looked for as it stands; a longer one can be said in other words."""

Scores = dict[str, float]


def score(
    item: Item,
    answer: Answer,
    gold: Sequence[Gold],
    texts: Mapping[str, str],
    encode: Encode | None = None,
    running: Mapping[str, str] | None = None,
) -> Scores:
    """Return the metrics of one answer that apply to its question.

    `gold` has the place of each evidence; `texts` the clean text, by id, of each document that is cited or holds
    evidence; `encode` embeds sentences, and without it nothing is compared by meaning; `running` the same texts with
    what no passage holds blanked, where that is known. Retrieval is scored wherever
    there is evidence. What the answer says and cites is scored for answerable questions, a refusal counting as
    nothing said; and for a false premise only where it was not refused, since a refusal is right too.
    """
    refused = answer.status == "refused"
    scores: dict[str, float | None] = {"refused": float(refused), "answerable": float(answer.trace.answerable)}
    scores |= _retrieval(item, answer, gold, running or texts)
    citations = () if refused else answer.citations
    scores["citations_resolve"] = metrics.citations_resolve(citations, texts)
    scores["supported_values"] = metrics.supported_values(answer)
    if encode:
        supports = verifier(encode)
        scores["alce_recall"] = metrics.alce_recall(answer, supports)
        scores["alce_precision"] = metrics.alce_precision(answer, supports)
    if item.type != RETRIEVAL:
        scores |= _answer(item, answer, gold, encode)
    scores["right"] = right(item, answer)
    return {name: value for name, value in scores.items() if value is not None}


def _retrieval(item: Item, answer: Answer, gold: Sequence[Gold], texts: Mapping[str, str]) -> dict[str, float | None]:
    found = ranks(answer, gold, texts)
    scores: dict[str, float | None] = {}
    for k in CUTOFFS:
        scores[f"hit@{k}"] = metrics.hit_at(k, found)
        scores[f"recall@{k}"] = metrics.recall_at(k, found)
        scores[f"all@{k}"] = metrics.all_at(k, found)
    scores["reciprocal_rank"] = metrics.reciprocal_rank(found)
    scores["ndcg@10"] = metrics.ndcg_at(10, found, [e.relevance for e in item.evidence])
    return scores


def ranks(answer: Answer, gold: Sequence[Gold], texts: Mapping[str, str]) -> list[int | None]:
    """Return the rank at which each evidence is found, or None.

    Where whole documents are meant (as in BEIR), documents are ranked by their first passage; else passages are.
    """
    retrieved = [Span(p.document, p.start, p.end) for p in answer.trace.retrieved]
    first: dict[str, Span] = {}
    for passage in retrieved:
        first.setdefault(passage.document, passage)
    found: list[int | None] = []
    for place in gold:
        if place.document is None:
            found.append(None)
            continue
        span = Span(place.document, place.start, place.end)
        text = texts[place.document]
        if not text[place.start : place.end].strip():  # evidence that is nothing but a heading
            found.append(metrics.overlap_rank(span, retrieved))
        elif not place.whole:
            found.append(metrics.evidence_rank(span, retrieved, text))
        elif (place.start, place.end) == (0, len(text)):
            found.append(metrics.overlap_rank(span, list(first.values())))
        else:
            found.append(metrics.overlap_rank(span, retrieved))
    return found


def _answer(item: Item, answer: Answer, gold: Sequence[Gold], encode: Encode | None) -> dict[str, float | None]:
    refused = answer.status == "refused"
    said = "" if refused else metrics.plain(answer.answer)
    known = [metrics.plain(e) for e in (item.answer, *item.aliases) if e]
    squad = metrics.squad_expected(known if item.answerable else [])
    scores: dict[str, float | None] = {
        "squad_exact": metrics.exact_match(said, squad) if known or not item.answerable else None,
        "squad_f1": metrics.token_f1(said, squad) if known or not item.answerable else None,
    }
    if not item.answerable and refused:
        return scores
    cited = [] if refused else [Span(c.document, c.start, c.end) for c in answer.citations]
    places = [None if p.document is None else Span(p.document, p.start, p.end) for p in gold]
    scores["facts"] = metrics.facts_found(said, item.must_include)
    scores["citation_precision"] = metrics.citation_precision(cited, places)
    scores["citation_recall"] = metrics.citation_recall(cited, places)
    if known:
        scores["token_f1"] = metrics.token_f1(said, known)
        scores["exact_match"] = metrics.exact_match(said, known)
        if encode:
            scores["similarity"] = metrics.similarity(said, known, encode)
    return scores


def right(item: Item, answer: Answer) -> float | None:
    """Return 1 if a person would let the answer pass, 0 if not, None where the set does not say enough.

    A question without an answer must be refused; a false premise may also be corrected, with all the facts that are
    expected of a correction. Any other must be answered, with every fact of `must_include` or, where there are none,
    with the expected answer or an alias of it, as whole words. Where none of these is `SHORT`, it is not judged.
    """
    refused = answer.status == "refused"
    if not item.answerable:
        corrected = item.type == "false-premise" and metrics.facts_found(answer.answer, item.must_include) == 1
        return float(refused or corrected)
    if item.must_include:
        return float(not refused and metrics.facts_found(answer.answer, item.must_include) == 1)
    known = [e for e in (item.answer, *item.aliases) if e and len(e.split()) <= SHORT]
    if not known:
        return None
    return float(not refused and any(metrics.mentions(answer.answer, e, whole_words=True) for e in known))


def reasons(item: Item, answer: Answer, gold: Sequence[Gold], scores: Mapping[str, float]) -> tuple[str, ...]:
    """Say why an answer counts as right or wrong, the weightiest first."""
    refused = answer.status == "refused"
    if not item.answerable:
        if refused:
            return ("refused, as it should be",)
        if item.type != "false-premise":
            return ("answered, but the documents do not answer it",)
        return ("answered, and should refuse or correct what the question takes for granted", *_facts(item, answer))
    if refused:
        why = answer.trace.answerable
        return (f"refused, but the documents answer it (chance of an answer {why:.2f})", *_found(gold, scores))
    said = [] if item.type == RETRIEVAL else _facts(item, answer)
    return (*said, *_cited(gold, scores), *_found(gold, scores))


def _facts(item: Item, answer: Answer) -> list[str]:
    if item.must_include:
        lacking = [group for group in item.must_include if metrics.facts_found(answer.answer, [group]) == 0]
        lacks = [" or ".join(repr(fact) for fact in group) for group in lacking]
        return [f"lacks {'; '.join(lacks)}"] if lacks else ["holds all expected facts"]
    if right(item, answer) is None:
        return ["not judged: the expected answer is long, and the set names no facts that an answer must have"]
    if item.answer:
        return [f"{'holds' if right(item, answer) else 'does not hold'} the expected answer {item.answer!r}"]
    return []


def _cited(gold: Sequence[Gold], scores: Mapping[str, float]) -> list[str]:
    if not gold or "citation_recall" not in scores:
        return []
    cited = round(scores["citation_recall"] * len(gold))
    return [f"cites {cited} of {len(gold)} known evidence"]


def _found(gold: Sequence[Gold], scores: Mapping[str, float]) -> list[str]:
    if not gold or scores[f"recall@{CUTOFFS[-1]}"] == 1:
        return []
    found = round(scores[f"recall@{CUTOFFS[-1]}"] * len(gold))
    return [f"{found} of {len(gold)} known evidence is in the first {CUTOFFS[-1]} passages"]


def verifier(encode: Encode) -> Supports:
    """Return our verifier as a judge of support: a sentence is supported, or it is not."""

    def supports(sentence: str, quotes: Sequence[str]) -> bool:
        flat = [" ".join(text.split()) for text in (sentence, *quotes)]
        if flat[0] in flat[1:]:  # verbatim: its likeness need not be measured
            return True
        first, *others = encode([sentence, *quotes])
        return verify(sentence, quotes, max(float(first @ other) for other in others)).verdict is Verdict.SUPPORTED

    return supports
