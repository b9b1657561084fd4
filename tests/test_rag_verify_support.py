from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.support.__main__ import agreement, halves
from eval.support.fit import fit
from eval.support.looking import Look
from eval.support.pairs import Pair, Text, read_pairs
from rag.likelihood import READ, WORDS, features, likelihood
from rag.types import Verdict
from rag.verify import Judgement, verify

SOURCE = "The harbour of Lorn handled 4.2 million tons of cargo in 2013."


def test_agreement_by_hand() -> None:
    # Supported: 2 of 3 found, 1 more said: F1 = 4/6. Not supported: 1 of 2 found, 1 more said: F1 = 2/4.
    f1, balanced = agreement([True, True, False, True, False], [True, True, True, False, False])
    assert f1 == pytest.approx((4 / 6 + 2 / 4) / 2)
    assert balanced == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_pairs_are_read_without_markers_and_labels_and_what_is_known_of_a_text_apart(tmp_path: Path) -> None:
    (tmp_path / "support").mkdir()
    row = {
        "claim": "Lorn has a crane [3].",
        "references": ["[3] https://lorn.example/crane\n\nTitle: Cranes\n\nLorn has a crane. It is old."],
        "attribution_label": "attributable",
    }
    wice = {
        "claim": "It is new.",
        "evidence": [
            *("(meta data) TITLE: Cranes", "(meta data) PUBLISHED DATETIME: 2014-03-02", "It is old."),
            *("(meta data) TITLE: Docks", "They were dug in 1960."),
        ],
        "label": "partially_supported",
    }
    for name, given in (("attributionbench-dev", row), ("wice-claim-dev", wice)):
        (tmp_path / "support" / f"{name}.jsonl").write_text(json.dumps(given), encoding="utf-8")
    assert read_pairs(tmp_path, "AttributionBench") == [
        Pair("Lorn has a crane.", (Text(("Lorn has a crane.", "It is old."), "Cranes", "Cranes"),), True)
    ]
    pages = (
        Text(("It is old.",), "Cranes", "Cranes 2014-03-02"),
        Text(("They were dug in 1960.",), "Docks", "Docks"),
    )
    assert read_pairs(tmp_path, "WiCE") == [Pair("It is new.", pages, False)]
    assert halves(tmp_path, "WiCE") == ([], read_pairs(tmp_path, "WiCE"))


def test_what_is_lacking_lowers_the_likelihood() -> None:
    held = features("The harbour of Lorn handled cargo.", [SOURCE], 0.8)
    lacking = features("The harbour of Bergen handled mail.", [SOURCE], 0.8)
    assert len(held) == len(WORDS[1]) == len(READ[1]) - 1
    assert likelihood(held) > 0.5 > likelihood(lacking) > 0
    assert likelihood(features("The harbour of Lorn handled cargo.", [SOURCE], 0.2)) < likelihood(held)


def test_what_the_evidence_model_reads_moves_the_likelihood_and_outweighs_no_veto() -> None:
    claim = "In 2013 the harbour of Lorn handled some 4.2 million tons."
    for_it, against = (verify(claim, [SOURCE], 0.8, read=lambda logit=logit: logit) for logit in (6.0, -6.0))
    assert for_it.score > against.score
    assert (for_it.verdict, against.verdict) == (Verdict.SUPPORTED, Verdict.PARTIAL)
    asked = []
    vetoed = verify(claim.replace("2013", "2016"), [SOURCE], 0.8, read=lambda: asked.append(1) or 6.0)
    assert vetoed.verdict is Verdict.CONTRADICTED
    assert asked == []  # reading takes its time, and could not change it
    assert verify(claim, [SOURCE], 0.8, read=lambda: None) == verify(claim, [SOURCE], 0.8)


def test_a_name_that_only_what_is_known_of_the_document_holds_leaves_a_doubt() -> None:
    source = "The ship sank off Bergen in 1912 with all of its crew."
    claim = "The ship Havbris sank off Bergen in 1912 with all of its crew."
    alone = verify(claim, [source], 0.9)
    assert (alone.verdict, alone.why) == (Verdict.UNSUPPORTED, "its sources do not hold: havbris")
    known = verify(claim, [source], 0.9, about="The end of the Havbris Ines Falk 1913")
    assert (known.verdict, known.why) == (Verdict.PARTIAL, "only what is known of its document names: havbris")
    # A figure is not known of a document.
    assert verify(claim.replace("1912", "1913"), [source], 0.9, about="The Havbris 1913").verdict in (
        Verdict.UNSUPPORTED,
        Verdict.CONTRADICTED,
    )


def test_the_fit_tells_held_from_lacking() -> None:
    claims = [("The harbour of Lorn handled cargo.", True), ("The mill of Bergen ground wheat for years.", False)]
    judged, text = Judgement(Verdict.SUPPORTED, 1.0), Text((SOURCE,))
    looks = [
        Look(Pair(claim, (text,), right), (SOURCE,), "", 0.9 if right else 0.1, frozenset(), judged, None, 0.0)
        for claim, right in claims * 5
    ]
    intercept, coefficients = fit({"WiCE": looks})
    sums = [intercept + sum(c * f for c, f in zip(coefficients, features(c_, [SOURCE], s), strict=True))
            for (c_, _), s in zip(claims, (0.9, 0.1), strict=True)]  # fmt: skip
    assert sums[0] > 0 > sums[1]
