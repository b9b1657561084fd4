"""Every metric against arithmetic worked by hand."""

from __future__ import annotations

from pathlib import Path

import ir_measures
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from eval import metrics
from eval.formats import load_set
from eval.metrics import Span, locate, mentions
from eval.metrics.spans import _fold
from rag.types import Answer, AnswerSentence, Citation, Status, Trace, Verdict

SHARED = Path(__file__).parents[2] / "shared"

# --- locate ---


@pytest.mark.parametrize(
    ("quote", "text", "found"),
    [
        ("nine ships", "The nine\n  ships sailed.", "nine\n  ships"),
        ("long-term plan", "a long-\nterm plan, he said", "long-\nterm plan"),
        ("long- term plan", "a long-term plan, he said", "long-term plan"),
        ("counterweight", "as a counter\u00ad\nweight to", "counter\u00ad\nweight"),
        ("2012\u20132014", "in 2012-2014 only", "2012-2014"),
        ("the 'best' one", "is the \u2018best\u2019 one of", "the \u2018best\u2019 one"),
        ("a \u201cgood\u201d day", 'such a "good" day!', 'a "good" day'),
        ("first office", "the \ufb01rst of\ufb01ce", "\ufb01rst of\ufb01ce"),
        ("cafe\u0301 noir", "un caf\u00e9 noir", "caf\u00e9 noir"),
        ("\u4e5d\u8258\u8239", "\u6709\u4e5d\u8258\u8239\u51fa\u6d77", "\u4e5d\u8258\u8239"),
    ],
)
def test_locate_folds_white_space_hyphens_and_typography(quote: str, text: str, found: str) -> None:
    span = locate(quote, text)
    assert span is not None
    assert text[slice(*span)] == found


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("nine ships", "ten ships"),
        ("Nine", "nine"),
        ("", "text"),
        (" - ", "a - b"),
        ("nine", ""),
        ("cafe", "caf\u00e9"),  # would end halfway through a character
    ],
)
def test_locate_finds_nothing(quote: str, text: str) -> None:
    assert locate(quote, text) is None


def test_locate_prefers_whole_words_and_then_the_first() -> None:
    assert locate("10", "in 2010, 10 of 10") == (9, 11)
    assert locate("Primorie", "in Primorie20, with") == (3, 11)  # a note mark is no part of the word


def test_locate_keeps_the_marks_at_the_edges_of_the_quote() -> None:
    assert locate('"Yes."', "He said: \u201cYes.\u201d Then left") == (9, 15)


GLUE = st.sampled_from([" ", "\n", "  \n\n", "\u00a0", "\t"])
INSIDE = st.sampled_from(["", "", "\u00ad", "-\n", "\u2010", "\u200b"])


@given(data=st.data(), size=st.integers(1, 8))
def test_locate_finds_the_very_place_however_the_text_is_broken(data: st.DataObject, size: int) -> None:
    # Words with numbers of their own, so that the quote stands in the text once.
    words = [f"word{chr(97 + i) * 3}it's" for i in range(size)]
    first = data.draw(st.integers(0, size - 1))
    last = data.draw(st.integers(first, size - 1))
    text, start, end = "", 0, 0
    for i, word in enumerate(words):
        text += data.draw(GLUE)
        start = len(text) if i == first else start
        text += word[:4] + data.draw(INSIDE) + word[4:].replace("'", data.draw(st.sampled_from("'\u2019")))
        end = len(text) if i == last else end
    quote = data.draw(GLUE).join(words[first : last + 1])
    assert locate(quote, text) == (start, end)


@settings(max_examples=60)
@given(text=st.text(max_size=40), data=st.data())
def test_what_locate_finds_is_the_quote_again(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    quote = text[start:end]
    span = locate(quote, text)
    if span is None:
        assert _fold(quote)[0] == ""
    else:
        assert _fold(text[slice(*span)])[0] == _fold(quote)[0]


@given(text=st.text(max_size=30), quote=st.text(max_size=10))
def test_locate_never_invents(text: str, quote: str) -> None:
    folded = _fold(quote)[0]
    assume(folded not in _fold(text)[0])
    assert locate(quote, text) is None


@pytest.mark.skipif(not (SHARED / "data").exists(), reason="needs ../shared/data")
def test_locates_every_development_quote_in_the_raw_texts() -> None:
    texts = {p.name[:3]: p.read_text(encoding="utf-8") for p in (SHARED / "seeds").glob("0*.txt")}
    lost = [
        (item.id, e.doc)
        for item in load_set(SHARED / "data" / "seeds-dev.jsonl").items
        for e in item.evidence
        if locate(e.quote, texts[e.doc]) is None
    ]
    assert lost == []


# --- retrieval ---

#       0         1         2         3
#       0123456789012345678901234567890123456789
TEXT = "Nine ships sailed north. Two came back. "


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(0, 39)], True),
        ([(0, 24), (25, 39)], True),  # only a space between
        ([(25, 39), (0, 24)], True),
        ([(0, 20), (10, 39)], True),
        ([(0, 23), (25, 39)], False),  # the full stop is missing
        ([(0, 38)], False),
        ([(1, 39)], False),
        ([(0, 5), (50, 60)], False),
        ([], False),
    ],
)
def test_covered(spans: list[tuple[int, int]], expected: bool) -> None:
    assert metrics.covered(0, 39, spans, TEXT) is expected


def test_evidence_rank_counts_all_passages_and_joins_those_of_the_document() -> None:
    gold = Span("a", 5, 38)
    retrieved = [Span("b", 0, 40), Span("a", 0, 24), Span("c", 0, 40), Span("a", 25, 39)]
    assert metrics.evidence_rank(gold, retrieved, TEXT) == 4
    assert metrics.evidence_rank(Span("a", 0, 10), retrieved, TEXT) == 2
    assert metrics.evidence_rank(gold, retrieved[:3], TEXT) is None
    assert metrics.evidence_rank(gold, [], TEXT) is None


def test_hits_and_reciprocal_rank() -> None:
    ranks = [4, None, 2]
    assert [metrics.hit_at(k, ranks) for k in (1, 2, 10)] == [0, 1, 1]
    assert [metrics.all_at(k, [4, 2]) for k in (2, 3, 4)] == [0, 0, 1]
    assert metrics.all_at(10, ranks) == 0
    assert metrics.reciprocal_rank(ranks) == 1 / 2
    assert metrics.reciprocal_rank([None]) == 0
    assert metrics.hit_at(1, []) is metrics.all_at(1, []) is metrics.reciprocal_rank([]) is None


def test_recall_is_the_share_of_the_evidence() -> None:
    ranks = [4, None, 2]
    assert [metrics.recall_at(k, ranks) for k in (1, 2, 4, 10)] == [0, 1 / 3, 2 / 3, 2 / 3]
    assert metrics.recall_at(1, []) is None


def test_ndcg_discounts_by_the_logarithm_of_the_place() -> None:
    # Places 1 and 3 of three evidences: (1/log2(2) + 1/log2(4)) / (1/log2(2) + 1/log2(3) + 1/log2(4)) = 1.5/2.13093.
    assert metrics.ndcg_at(10, [3, 1, None]) == pytest.approx(1.5 / 2.1309297535714573)
    assert metrics.ndcg_at(2, [3, 1]) == pytest.approx(1 / 1.6309297535714573)
    assert metrics.ndcg_at(10, [None]) == 0
    assert metrics.ndcg_at(10, []) is None
    # Grades 3 and 1 the wrong way round: (1 + 3/log2(3)) / (3 + 1/log2(3)).
    assert metrics.ndcg_at(10, [2, 1], [3, 1]) == pytest.approx(
        (1 + 3 / 1.584962500721156) / (3 + 1 / 1.584962500721156)
    )


def test_evidence_that_one_passage_completes_together_counts_for_all_of_it() -> None:
    assert metrics.ndcg_at(10, [1, 1]) == pytest.approx(1)
    assert metrics.ndcg_at(10, [1, 1, 5]) == pytest.approx(metrics.ndcg_at(10, [1, 2, 5]))
    assert metrics.ndcg_at(10, [1, 2, 2]) == pytest.approx(1)
    # The better one of two found together goes first.
    assert metrics.ndcg_at(10, [1, 1], [1, 3]) == pytest.approx(1)


def test_whole_documents_are_found_by_any_passage_of_theirs() -> None:
    retrieved = [Span("b", 0, 40), Span("a", 30, 50), Span("a", 0, 24)]
    assert metrics.overlap_rank(Span("a", 0, 100), retrieved) == 2
    assert metrics.overlap_rank(Span("a", 0, 30), retrieved) == 3
    assert metrics.overlap_rank(Span("c", 0, 30), retrieved) is None


@settings(max_examples=60, deadline=None)
@given(
    ranks=st.lists(st.integers(1, 30), min_size=1, max_size=6, unique=True),
    lost=st.integers(0, 3),
    k=st.sampled_from([1, 3, 5, 10]),
)
def test_retrieval_metrics_agree_with_trec_eval(ranks: list[int], lost: int, k: int) -> None:
    # The same output told to ir-measures passage by passage, without a line of ours between.
    run = {"q": {f"p{place:02}": 100.0 - place for place in range(1, 31)}}
    qrels = {"q": {f"p{rank:02}": 1 for rank in ranks} | {f"gone{i}": 1 for i in range(lost)}}
    given_ranks = [*ranks, *[None] * lost]
    ours = {
        ir_measures.Success @ k: metrics.hit_at(k, given_ranks),
        ir_measures.R @ k: metrics.recall_at(k, given_ranks),
        ir_measures.RR: metrics.reciprocal_rank(given_ranks),
        ir_measures.nDCG @ k: metrics.ndcg_at(k, given_ranks),
    }
    theirs = ir_measures.calc_aggregate(list(ours), qrels, run)
    assert theirs == pytest.approx(ours, abs=1e-9)


# --- facts ---


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("In 2019, 9 ships.", "9"),
        ("Russia's role in Ukraine", "ukrain"),
        ("joined the World Trade\nOrganisation", "world trade organi"),
        ("25,000 to 27,000", "25"),
        ("from 25\u201327,000", "27"),
        ("the BRICS bank", "BRICS"),
        ("the brics bank", "BRICS"),
        ("No, it did not", "no,"),
        ("Belt & Road", "belt & road"),
        ("a Euro\u2011Pacific country", "euro-pacific"),
        ("Xi's visit", "xi"),
        ("met Xi [3].", "xi"),
        ("It costs $966 million", "966"),
        ("Fell to 9.", "9"),
        ("\u201cDragon\u2019s tail\u201d", "dragon's tail"),
    ],
)
def test_mentions(text: str, fact: str) -> None:
    assert mentions(text, fact)


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("In 2019 they sailed.", "9"),
        ("about 9th in line", "9"),
        ("grew by 3.9 per cent", "9"),
        ("grew by 9.5 per cent", "9"),
        ("in 1,9 of", "9"),
        ("Xinjiang", "xi"),
        ("a notable man", "not"),
        ("nineteen ships", "nine"),
        ("Scotland", "SCO"),
        ("a cobrics", "BRICS"),
        ("in Bricstown", "BRICS"),
        ("fourteen", "four"),
        ("prejapan", "japan"),
        ("in May 2014", "may 20"),
        ("It sailed [9].", "9"),
        ("It sailed [2, 9].", "9"),
        ("no", "no,"),
        ("", "nine"),
        ("text", " "),
    ],
)
def test_does_not_mention(text: str, fact: str) -> None:
    assert not mentions(text, fact)


def test_whole_words_asks_for_the_end_of_the_word() -> None:
    assert not mentions("Ukraine", "ukrain", whole_words=True)
    assert mentions("over Ukraine.", "ukraine", whole_words=True)


def test_facts_found_is_the_share_of_groups() -> None:
    groups = [["nine", "9"], ["mediterranean"], ["alaska", "sea of japan"]]
    assert metrics.facts_found("9 ships near Alaska", groups) == pytest.approx(2 / 3)
    assert metrics.facts_found("", groups) == 0
    assert metrics.facts_found("9 ships", []) is None


# --- words ---


def test_token_f1_and_exact_match_as_squad() -> None:
    # "nine ships in may" and "nine ships": 2 in common of 4 and 2, F1 = 2*2/(4+2).
    assert metrics.token_f1("The nine ships, in May.", ["Nine ships"]) == pytest.approx(2 / 3)
    assert metrics.token_f1("The nine ships, in May.", ["ten", "nine SHIPS in May"]) == 1
    # Repeated words count as often as both have them: 1 in common of 3 and 1.
    assert metrics.token_f1("nine nine nine", ["nine"]) == pytest.approx(2 / 4)
    assert metrics.token_f1("", ["nine"]) == 0
    assert metrics.token_f1("", [""]) == 1
    assert metrics.exact_match("The Sea, of Japan", ["sea of japan!"]) == 1
    # Typography is not SQuAD's business: who wants it folded takes `plain` first.
    assert metrics.exact_match("Russia\u2019s role [2]", ["other", "Russia's role"]) == 0
    assert metrics.exact_match(metrics.plain("Russia\u2019s role [2]"), ["other", "Russia's role"]) == 1
    assert metrics.exact_match("the sea", ["sea of japan"]) == 0


def test_articles_inside_words_stay() -> None:
    assert metrics.normalise("An ant, a theme") == "ant theme"


# --- citations ---


def cite(id_: int, quote: str, start: int = 0, document: str = "a") -> Citation:
    return Citation(id_, document, "a.txt", "A", None, None, None, start, start + len(quote), quote)


def test_citations_resolve_to_the_character() -> None:
    texts = {"a": TEXT}
    good, shifted = cite(1, "Nine ships"), cite(2, "Nine ships", start=1)
    elsewhere, fake = cite(3, "Nine ships", document="b"), cite(4, "nine ships")
    assert metrics.citations_resolve([good], texts) == 1
    assert metrics.citations_resolve([good, shifted, elsewhere, fake], texts) == 1 / 4
    assert metrics.citations_resolve([], texts) is None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Span("a", 0, 10), Span("a", 5, 30), True),  # 5 of 10
        (Span("a", 0, 10), Span("a", 6, 30), False),  # 4 of 10
        (Span("a", 6, 30), Span("a", 0, 10), False),
        (Span("a", 0, 100), Span("a", 40, 44), True),  # inside
        (Span("a", 0, 10), Span("b", 0, 10), False),
        (Span("a", 0, 10), Span("a", 10, 20), False),
        (Span("a", 5, 5), Span("a", 0, 10), False),
    ],
)
def test_overlaps_is_half_of_the_shorter(one: Span, other: Span, expected: bool) -> None:
    assert metrics.overlaps(one, other) is expected


def test_citation_precision_and_recall() -> None:
    gold = [Span("a", 0, 10), Span("a", 50, 60), None]
    cited = [Span("a", 0, 10), Span("a", 2, 9), Span("b", 0, 10), Span("a", 100, 110)]
    assert metrics.citation_precision(cited, gold) == 2 / 4
    assert metrics.citation_recall(cited, gold) == pytest.approx(1 / 3)
    assert metrics.citation_recall([], gold) == 0
    assert metrics.citation_precision([], gold) is None
    assert metrics.citation_precision(cited, []) is metrics.citation_recall(cited, []) is None


def answer(*pairs: tuple[str, str], status: Status = "answered", verdict: str = "supported") -> Answer:
    """Make an answer of (sentence, quote) pairs, sentence i citing quote i."""
    sentences = tuple(AnswerSentence(s, Verdict(verdict), 1.0, (i,)) for i, (s, _) in enumerate(pairs))
    citations = tuple(cite(i, quote) for i, (_, quote) in enumerate(pairs))
    trace = Trace("", {}, 1.0, "none", {}, {}, ())
    return Answer("?", status, " ".join(s for s, _ in pairs), sentences, citations, (), (), trace)


@pytest.mark.parametrize(
    ("said", "cited", "holds"),
    [
        ("Nine ships left Kronstadt in 2015 [1].", "In 2015, nine ships left Kronstadt's quay.", True),
        ("Nine ships left Murmansk.", "nine ships left Kronstadt", False),
        ("It cost 25,000 roubles.", "It cost 25000 roubles", True),
        ("It cost 2,500 roubles.", "It cost 25,000 roubles", False),
        ("There were 9 ships.", "There were nine ships", True),
        ("There were twelve ships.", "There were nine ships", False),
        ("It was one of the largest.", "It was the largest", True),
        ("Paris fell.", "London fell", True),  # the first word may be capitalised for its place alone
        ("In Paris it fell.", "It fell in the Parish", False),
        ("It grew by 3.9 per cent.", "It grew by 3 per cent, from 9", False),
        ("In Narva\u2019s port", "the port of Narva", True),
    ],
)
def test_values_hold(said: str, cited: str, holds: bool) -> None:
    assert metrics.supported_values(answer((said, cited))) == float(holds)


def test_supported_values_looks_at_the_sentence_s_own_quotes_and_supported_ones_only() -> None:
    pairs = (("In 2015 it rained.", "in 2016"), ("In 2016 it snowed.", "it snowed in 2016"))
    assert metrics.supported_values(answer(*pairs)) == 1 / 2
    assert metrics.supported_values(answer(*pairs, verdict="partial")) is None
    assert metrics.supported_values(answer(*pairs, status="refused")) is None
    assert metrics.supported_values(answer()) is None
