from __future__ import annotations

import pytest

from rag.types import Verdict
from rag.verify import missing_values, verify

CARGO = "The harbour of Lorn handled 4.2 million tons of cargo in 2013."
PIPE = "The line carried 22 billion cubic metres in 2023, and its owner says that it will reach 38 billion by winter."
COUNCIL = "The town council rejected a second terminal in November 2013."


@pytest.mark.parametrize(
    ("claim", "sources", "verdict"),
    [
        (CARGO, [CARGO], Verdict.SUPPORTED),
        ("In 2013, the harbour of Lorn handled 4,200,000 tons.", [CARGO], Verdict.SUPPORTED),
        ("The harbour of Lorn handled 5.2 million tons of cargo in 2013.", [CARGO], Verdict.CONTRADICTED),
        ("The harbour of Lorn handled 4.2 million tons of cargo in 2014.", [CARGO], Verdict.CONTRADICTED),
        ("The harbour of Bergen handled 4.2 million tons of cargo.", [CARGO], Verdict.UNSUPPORTED),
        (
            "The harbour of Lorn did not handle 4.2 million tons of cargo in 2013.",
            [CARGO],
            Verdict.CONTRADICTED,
        ),
        ("The council did not reject a second terminal.", [COUNCIL], Verdict.CONTRADICTED),
        ("A second terminal was the council's in November 2013.", [COUNCIL], Verdict.CONTRADICTED),
        ("The town council rejected a second terminal.", [COUNCIL], Verdict.SUPPORTED),
        ("The line will reach 38 billion cubic metres in 2023.", [PIPE], Verdict.UNSUPPORTED),
        ("The line carried 22 billion cubic metres in 2023.", [PIPE], Verdict.SUPPORTED),
        ("The harbour handled cargo and passengers and much mail.", [CARGO], Verdict.PARTIAL),
        ("The harbour is known for its mail and its many fine hotels.", [CARGO], Verdict.UNSUPPORTED),
        ("It is so.", [CARGO], Verdict.UNSUPPORTED),
    ],
)
def test_verdicts(claim: str, sources: list[str], verdict: Verdict) -> None:
    judgement = verify(claim, sources, similarity=0.8)
    assert judgement.verdict is verdict
    assert (judgement.why == "") == (verdict is Verdict.SUPPORTED)
    assert 0 <= judgement.score <= 1


def test_words_gathered_from_several_sources_are_not_support() -> None:
    sources = [
        "To the people of Lorn the decline of Bergen from a great port to a second-rate harbour is one of many.",
        "The view of the council is that Lorn needs a crane.",
    ]
    claim = "The view of the council is that Lorn is a second-rate harbour, and that Bergen needs a crane."
    assert verify(claim, sources, similarity=0.8).verdict is not Verdict.SUPPORTED


def test_two_clauses_may_rest_on_two_sources() -> None:
    claim = "The harbour of Lorn handled 4.2 million tons of cargo in 2013, and the council rejected a second terminal."
    assert verify(claim, [CARGO, COUNCIL], similarity=0.8).verdict is Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("claim", "sources"),
    [
        ("The line will carry 22 billion cubic metres in 2023.", [PIPE.split(",")[0] + "."]),
        ("The harbour may handle cargo.", ["The harbour handles cargo."]),
        (
            "The harbour of Lorn handled 4.2 million tons of cargo in 2013, and this led to the end of a terminal.",
            [CARGO, "The anger of the fishermen led to the end of a terminal."],
        ),
        ("The harbour of Lorn handled cargo in a theatre of war.", [CARGO]),
    ],
)
def test_what_is_surer_or_tied_together_or_put_in_is_not_supported(claim: str, sources: list[str]) -> None:
    assert verify(claim, sources, similarity=0.9).verdict is not Verdict.SUPPORTED


def test_a_piece_of_a_sentence_is_judged_like_any_other() -> None:
    source = "The minister denied that the harbour of Lorn would be closed."
    assert verify("The harbour of Lorn would be closed.", [source], similarity=0.9).verdict is Verdict.CONTRADICTED


def test_what_is_far_in_meaning_is_not_supported_whatever_its_words() -> None:
    claim = "Cargo of the harbour handled Lorn."
    assert verify(claim, [CARGO], similarity=0.9).verdict is Verdict.SUPPORTED
    assert verify(claim, [CARGO], similarity=0.2).verdict is Verdict.UNSUPPORTED


def test_without_a_source_nothing_is_supported() -> None:
    assert verify(CARGO, [], similarity=1.0).verdict is Verdict.UNSUPPORTED


def test_a_name_that_opens_the_sentence_counts_when_it_is_known() -> None:
    assert missing_values("Putin opened it.", "It opened.") == []
    assert missing_values("Putin opened it.", "It opened.", known={"putin"}) == ["putin"]
