"""Each check of the verifier, both ways: what it must catch, and the plain paraphrase that it must let pass."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.named import missing_names
from rag.polarity import cause_put_in, hedge_changed, strengthened, turned_round
from rag.quantities import bound_lost, missing_quantities, quantities
from rag.quotations import misquoted, other_speaker
from rag.relations import exchanged
from rag.relative_dates import relative, resolved
from rag.types import Verdict
from rag.verify import verify


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("About 40 % of the ships stayed.", "39.7 per cent of the ships stayed."),
        ("Some 40 percent stayed.", "41 % stayed."),
        ("A third of the ships stayed.", "33 per cent of the ships stayed."),
        ("Two-thirds of the ships stayed.", "The share that stayed was 66.7 %."),
        ("Half of the crews left.", "50 per cent of the crews left."),
        ("One in five crews left.", "20 per cent of the crews left."),
        ("It cost 1.5 million euros.", "It cost €1,500,000."),
        ("It cost $2bn.", "It cost two billion US dollars."),
        ("It carried 38 billion cubic metres.", "It carried 37.9 billion cubic metres."),
        ("More than 40 ships came.", "47 ships came."),
        ("Fewer than 50 ships came.", "47 ships came."),
        ("At least 40 ships came.", "More than 40 ships came."),
        ("It lasted two years.", "It lasted 24 months."),
        ("The road is 16 kilometres long.", "The road is 10 miles long."),
        ("Between 10 and 15 million tons were moved.", "10-15 million tons were moved."),
        ("People aged 10-24 came.", "Young 10-24 year old people came."),
        ("The season of 2018-2019 was long.", "The season of 2018–19 was long."),
        ("Half a million tons were moved.", "500,000 tons were moved."),
        ("4. The harbour was closed.", "The harbour was closed."),
        ("Both reasons count, and two ships came.", "The Alda came, and so did the Brig."),
    ],
)
def test_a_figure_may_be_rounded_or_written_in_another_way(claim: str, source: str) -> None:
    assert missing_quantities(claim, source) == []


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("About 40 % of the ships stayed.", "29.7 per cent of the ships stayed."),
        ("A third of the ships stayed.", "A quarter of the ships stayed."),
        ("It cost 38 billion dollars.", "It carried 38 billion cubic metres."),
        ("It cost 5 million euros.", "It cost 5 million dollars."),
        ("40 tons were moved.", "40 barrels were moved."),
        ("It lasted five months.", "It lasted five years."),
        ("More than 40 ships came.", "Fewer than 40 ships came."),
        ("More than 40 ships came.", "30 ships came."),
        ("Fewer than 40 ships came.", "47 ships came."),
        ("It opened in 2010.", "It opened in 2013."),
        ("30 ships came.", "28 ships came."),
        ("It moved 4.2 billion tons.", "It moved 4.2 million tons."),
        ("It moved 37.94 million tons.", "It moved 38 million tons."),
    ],
)
def test_another_figure_unit_or_bound_is_missed(claim: str, source: str) -> None:
    assert len(missing_quantities(claim, source)) == 1


@given(st.integers(2, 10**9), st.sampled_from(["", " per cent", " tons", " dollars", " days"]))
def test_every_figure_stands_for_itself(value: int, unit: str) -> None:
    text = f"In all {value:,}{unit} were counted."
    assert missing_quantities(text, text) == []
    assert [q.value for q in quantities(text)] == [value]


def test_a_bound_that_is_left_out_is_noticed() -> None:
    assert bound_lost("40 ships came.", ["More than 40 ships came."])
    assert not bound_lost("More than 40 ships came.", ["More than 40 ships came."])
    assert not bound_lost("40 ships came.", ["40 ships came; more than 30 stayed."])


@pytest.mark.parametrize(
    ("claim", "source", "known", "lost"),
    [
        ("The UN met in Lorn.", "The United Nations met in Lorn.", (), []),
        ("The United Nations met in Lorn.", "The UN met in Lorn.", (), []),
        ("Optical character reading (OCR) helped.", "Optical character reading helped.", (), []),
        ("The EU met in Lorn.", "The United Nations met in Lorn.", (), ["eu"]),
        ("It was opened by Ines Falk.", "It was opened by Falk.", ("ines",), []),
        ("It was opened by Ines Falk.", "It was opened by Falk.", (), ["ines"]),
        ("It was opened by Ines Falk.", "It was opened by Piet Falk.", ("ines",), ["ines"]),
        ("It stands in Bergen Harbour.", "It stands in the Harbour.", ("bergen",), ["bergen"]),
    ],
)
def test_names_by_initials_and_surname(claim: str, source: str, known: tuple[str, ...], lost: list[str]) -> None:
    assert missing_names(claim, source, known) == lost


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("Skarv invaded Lorn in 1650.", "Lorn invaded Skarv in 1650."),
        ("Lorn was invaded by Skarv.", "Lorn invaded Skarv in 1650."),
        ("The invasion of Lorn by Skarv failed.", "Lorn invaded Skarv, and failed."),
        ("Lorn is larger than Skarv.", "Skarv is larger than Lorn."),
        ("Minister Falk dismissed General Aldous.", "General Aldous dismissed Minister Falk."),
        ("Gas from Lorn flows to Skarv.", "Gas from Skarv flows to Lorn."),
        ("Lorn supplies Skarv with gas.", "Skarv supplies Lorn with gas."),
        ("Lorn sold the ships to Skarv.", "Skarv sold the ships to Lorn."),
    ],
)
def test_exchanged_sides_are_caught(claim: str, source: str) -> None:
    assert exchanged(claim, [source])[0]
    assert verify(claim, [source], 0.95).verdict is Verdict.CONTRADICTED


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("Skarv was invaded by Lorn.", "Lorn invaded Skarv in 1650."),
        ("Lorn's invasion of Skarv failed.", "The invasion of Skarv by Lorn failed."),
        ("Lorn is larger than Skarv.", "Skarv is smaller than Lorn."),
        ("Lorn sold the ships to Skarv.", "Skarv bought the ships from Lorn."),
        ("Lorn met Skarv in May.", "Skarv met Lorn in May."),
        ("The treaty was signed before the war began.", "The war began after the treaty was signed."),
        ("Piet Aldous was taught by Ines Falk.", "Ines Falk taught Piet Aldous."),
        ("Trade between Lorn and Skarv grew.", "Trade between Skarv and Lorn grew."),
        ("In 2013 the harbour of Lorn was closed by the council.", "The council closed the harbour of Lorn in 2013."),
    ],
)
def test_the_same_fact_from_the_other_side_passes(claim: str, source: str) -> None:
    turned, rightly = exchanged(claim, [source])
    assert turned == ""
    assert turned_round(claim, [source], rightly) == ""


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("Exports of grain fell in May.", "Exports of grain rose in May."),
        ("Exports fell.", "Exports rose and imports fell."),
        ("Lorn imports gas.", "Lorn exports gas."),
        ("The treaty was signed after the war began.", "The treaty was signed before the war began."),
        ("The council approved the terminal.", "The council rejected the terminal."),
        ("The crane did not work.", "The crane worked."),
        ("The crane worked.", "The crane never worked."),
        ("The terminal would be closed.", "The minister denied that the terminal would be closed."),
        ("The council opened the terminal.", "The council failed to open the terminal."),
        ("There was no lack of grain.", "There was a lack of grain."),
    ],
)
def test_a_sentence_turned_round_is_caught(claim: str, source: str) -> None:
    assert turned_round(claim, [source])
    assert verify(claim, [source], 0.95).verdict is Verdict.CONTRADICTED


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("Imports of grain did not rise.", "Imports of grain fell."),
        ("It did not open, he said.", "He denied that it opened."),
        ("The terminal opened in 2013.", "The terminal did not open until 2013."),
        ("Grain and timber passed the harbour.", "Not only grain but timber passed the harbour."),
        ("The crane works at night.", "The crane works at night, which is not unusual."),
        ("Exports rose while imports fell.", "Imports fell while exports rose."),
        ("No ship came.", "Not a ship came."),
    ],
)
def test_a_plain_paraphrase_is_not_turned_round(claim: str, source: str) -> None:
    assert turned_round(claim, [source]) == ""


@pytest.mark.parametrize(
    ("claim", "source", "change"),
    [
        ("Lorn builds a terminal.", "Lorn plans to build a terminal.", "surer"),
        ("Lorn builds a terminal.", "Lorn may build a terminal.", "surer"),
        ("Lorn bought nine cranes.", "Lorn agreed to purchase nine cranes.", "surer"),
        ("Lorn bought nine cranes.", "Lorn offered to buy nine cranes.", "surer"),
        ("The mayor took money.", "According to Falk the mayor took money.", "surer"),
        ("Lorn may build a terminal.", "Lorn builds a terminal.", "less sure"),
        ("Lorn intends to build a terminal.", "Lorn plans to build a terminal.", ""),
        ("Lorn built a terminal.", "Lorn built a terminal, said Falk.", ""),
    ],
)
def test_what_may_be_stays_what_may_be(claim: str, source: str, change: str) -> None:
    assert (change in hedge_changed(claim, [source])) if change else hedge_changed(claim, [source]) == ""
    if change == "surer":
        assert verify(claim, [source], 0.95).verdict is not Verdict.SUPPORTED


def test_only_all_and_causes_are_not_put_in() -> None:
    assert strengthened("All ships left.", ["The ships left."]) == "all"
    assert strengthened("All ships left.", ["Every ship left."]) == ""
    assert strengthened("The ships left.", ["Only the ships left."]) == ""
    assert cause_put_in("The ships left because grain was dear.", ["The ships left. Grain was dear."])
    assert not cause_put_in("The ships left because grain was dear.", ["Dear grain led to the ships leaving."])


@pytest.mark.parametrize(
    ("claim", "wrong"),
    [
        ("Falk said that it was “a great day for Lorn”.", ""),
        ("Falk called it “A great day … for the harbour”.", ""),
        ("Falk spoke of “a very great day”.", "a very great day"),
        ('It was "a poor day".', "a poor day"),
        ("She read “The Harbours of the North”.", ""),
        ("Falk’s day was ‘great’.", ""),
        ("Falk’s day was ‘grand’.", "grand"),
    ],
)
def test_quoted_words_stand_in_the_source(claim: str, wrong: str) -> None:
    assert misquoted(claim, ['"It was a great day for Lorn, and for the harbour," said Falk.']) == wrong


def test_words_stay_with_their_speaker() -> None:
    source = "The harbour pays for itself, said Ines Falk."
    assert other_speaker("Piet Aldous said the harbour pays for itself.", [source]) == "aldous"
    assert other_speaker("According to Falk, the harbour pays for itself.", [source]) == ""
    assert other_speaker("Aldous said the harbour pays for itself.", ["It pays for itself, he said."]) == ""
    judged = verify("Piet Aldous said that Ines Falk pays.", ["Piet Aldous pays, said Ines Falk."], 0.95)
    assert judged.verdict is not Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("text", "written", "meant"),
    [
        ("Trade grew last year.", "2014-05-06", " (2013)"),
        ("Trade grew last year.", "2014", " (2013)"),
        ("It opened two years ago.", "2014-05", " (2012)"),
        ("It opened last month.", "2014-01", " (December 2013)"),
        ("It opened on Monday.", "2015-05-08", " (4 May 2015)"),
        ("It opened yesterday.", "2015-05-01", " (30 April 2015)"),
        ("It opened in May.", "2014-03", " (May 2013)"),
        ("It opened in May 2012.", "2014-03", ""),
        ("It opened yesterday.", "2015", ""),
        ("It opened last year.", None, ""),
    ],
)
def test_relative_dates_are_resolved_by_the_document(text: str, written: str | None, meant: str) -> None:
    assert resolved(text, written) == text + meant


def test_a_year_may_stand_for_last_year() -> None:
    source, right = "The harbour of Lorn handled grain last year.", "The harbour of Lorn handled grain in 2013."
    assert verify(right, [source], 0.95, dates=["2014-05-06"]).verdict is Verdict.SUPPORTED
    assert verify(right.replace("2013", "2014"), [source], 0.95, dates=["2014-05-06"]).verdict is Verdict.CONTRADICTED
    assert verify(right, [source], 0.95).verdict is not Verdict.SUPPORTED
    assert relative("It grew last year and in 2014.") == {"last year"}


def test_figures_that_a_source_holds_apart_are_not_bound_together() -> None:
    source = "The mill ground 300 tons in 2015, and its owner counts on 500 tons by 2020."
    assert verify("The mill ground 500 tons in 2015.", [source], 0.95).verdict is Verdict.UNSUPPORTED
    assert verify("The mill ground 300 tons in 2015.", [source], 0.95).verdict is Verdict.SUPPORTED


@given(st.text(st.sampled_from("AaBb 9.,'“”’-%$not by than may"), max_size=60))
def test_any_text_is_judged_and_supports_itself(text: str) -> None:
    judged = verify(text, ["Lorn was not invaded by 9 ships, said Falk.", text], 0.5)
    assert 0 <= judged.score <= 1
    if text.strip():
        assert judged.verdict is Verdict.SUPPORTED
