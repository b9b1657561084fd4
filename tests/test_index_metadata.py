"""Metadata: what documents of many kinds say of themselves, and that a wrong value is never made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.bylines import person
from index.clean import clean
from index.dates import iso_date, readings, settle
from index.dating import year_of
from index.metadata import Properties, describe, describe_clean
from index.read import read
from index.titles import without_site
from index.types import Metadata

BODY = (
    "The lighthouse at Skarv was built of granite that had to be carried over the ice, and for two winters the men "
    "who\n"
    "built it lived in a hut of driftwood below it. The keeper's daughter drew them all.\n"
)


def known(tmp_path: Path, text: str, name: str = "a.txt") -> Metadata:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    raw = read(path)
    return describe_clean(raw, clean(raw))


# --- heads and feet of documents ------------------------------------------------------------------

HEADS = {
    "newspaper": (
        f"Light on a rock\n\nBy Ingrid Solvang\n\n14 March 2016\n\n{BODY}",
        ("Light on a rock", "Ingrid Solvang", None, "2016-03-14"),
    ),
    "byline and office": (
        f"Light on a rock\n\nBy Ingrid Solvang, Coast Correspondent\nPublished: March 14, 2016, 9:30 a.m.\n\n{BODY}",
        ("Light on a rock", "Ingrid Solvang", None, "2016-03-14"),
    ),
    "two authors": (
        f"Light on a rock\n\nby Ingrid Solvang and Peder Aas\n\nFriday, 14 October 2016\n\n{BODY}",
        ("Light on a rock", "Ingrid Solvang and Peder Aas", None, "2016-10-14"),
    ),
    "three authors": (
        f"Light on a rock\n\nAuthors: Ingrid Solvang, Peder Aas and Kari Moe\n\n{BODY}",
        ("Light on a rock", "Ingrid Solvang, Peder Aas and Kari Moe", None, None),
    ),
    "title over two lines": (
        f"Light on a rock: how the keepers of\nSkarv were paid\n\nIngrid Solvang | Coast Review | May 2016\n\n{BODY}",
        ("Light on a rock: how the keepers of Skarv were paid", "Ingrid Solvang", "Coast Review", "2016-05"),
    ),
    "question as a title": (
        f"Who paid for the light?\n\nSource: Coast Review\nDate: 2016/03/14\n\n{BODY}",
        ("Who paid for the light?", None, "Coast Review", "2016-03-14"),
    ),
    "quotation as a title": (
        f"“A light for all”\n\nBy Ingrid Solvang\n\n{BODY}",
        ("“A light for all”", "Ingrid Solvang", None, None),
    ),
    "title page": (
        f"Light on a Rock\nIngrid Solvang\nSkarv Papers, No. 7, Spring 2016\n\n{BODY}",
        ("Light on a Rock", None, None, None),  # a season is no date of an issue that can be told from a name
    ),
    "title page with a month": (
        f"Light on a Rock\nIngrid Solvang\nSkarv Papers, No. 7, May 2016\n\n{BODY}",
        ("Light on a Rock", "Ingrid Solvang", "Skarv Papers, No. 7", "2016-05"),
    ),
    "note on the author, name above it": (
        f"Light on a rock\n\n{BODY}\n\nIngrid Solvang\n\nIngrid Solvang is curator of the museum at Skarv.\n",
        ("Light on a rock", "Ingrid Solvang", None, None),
    ),
    "note on the author alone": (
        f"Light on a rock\n\n{BODY}\n\nDr. Ingrid Solvang is director of the museum at Skarv.\n",
        ("Light on a rock", "Ingrid Solvang", None, None),
    ),
    "note on somebody of whom the text speaks": (
        f"Light on a rock\n\nThe drawings were found by Solvang, who was ten.\n{BODY * 8}\n\n"
        "Ingrid Solvang is director of the museum at Skarv.\n",
        ("Light on a rock", None, None, None),
    ),
    "letterhead": (
        f"SKARV HARBOUR\n\n14 March 2016\n\n{BODY}",
        (None, None, None, "2016-03-14"),
    ),
    "German": (
        f"Das Licht auf der Klippe\n\nVon Ingrid Solvang\n\nVeröffentlicht am 14. März 2016\n\n{BODY}",
        ("Das Licht auf der Klippe", "Ingrid Solvang", None, "2016-03-14"),
    ),
    "German numbers": (
        f"Das Licht auf der Klippe\n\nStand: 04.03.2016\n\n{BODY}",
        ("Das Licht auf der Klippe", None, None, "2016-03-04"),
    ),
    "Russian": (
        f"Свет на скале\n\nАвтор: Ирина Соколова\n\n14 марта 2016 года\n\n{BODY}",
        ("Свет на скале", "Ирина Соколова", None, "2016-03-14"),
    ),
    "Chinese": (
        "礁石上的灯塔与守塔人\n\n作者：林晓月\n\n2016年3月14日\n\n灯塔用花岗岩建成。工人们在木屋里住了两个冬天。\n",
        ("礁石上的灯塔与守塔人", "林晓月", None, "2016-03-14"),
    ),
    "French": (
        f"La lumière sur le rocher\n\nPar Inès Salvan\n\nPublié le 1er mars 2016\n\n{BODY}",
        ("La lumière sur le rocher", "Inès Salvan", None, "2016-03-01"),
    ),
    "where it first appeared": (
        f"Light on a rock\n\n{BODY}\n\nThis essay first appeared in the Coast Review, autumn 2016.\n",
        ("Light on a rock", None, None, "2016"),
    ),
    "a date in a sentence": (
        f"Light on a rock\n\nOn 14 March 2016 the light went out for good.\n\n{BODY}",
        ("Light on a rock", None, None, None),
    ),
    "a bare year": (
        f"Light on a rock\n\n1908\n\n{BODY}",
        ("Light on a rock", None, None, None),
    ),
    "first lines of a wrapped paragraph": (
        "The lighthouse at Skarv was built of granite that had to be carried\n"
        "over the ice, and for two winters the men who built it lived in a\nhut of driftwood below it.\n",
        (None, None, None, None),
    ),
    "a place and a date": (
        f"Light on a rock\n\nNew Skarv, 14 March 2016\n\n{BODY}",
        ("Light on a rock", None, None, None),
    ),
    "words that only begin as a byline": (
        f"Light on a rock\n\nBy the way it was\n\nText for the museum\n\n{BODY}",
        ("Light on a rock", None, None, None),
    ),
    "the source of a picture": (
        f"Light on a rock\n\nSource: files/pictures/rock.jpg, page 1\n\n{BODY}",
        ("Light on a rock", None, None, None),
    ),
}


@pytest.mark.parametrize("kind", HEADS)
def test_heads_and_feet(tmp_path: Path, kind: str) -> None:
    text, expected = HEADS[kind]
    found = known(tmp_path, text)
    assert (found.title, found.author, found.publisher, found.date) == expected
    assert found.date_basis == ("stated" if found.date else None)


# --- dates that are not the document's ------------------------------------------------------------


def test_dated_headlines_beside_the_text_date_nothing(tmp_path: Path) -> None:
    stamps = "\n".join(f"• {day}.11.2021 10:{day}\n• {day}\nA headline of some other day" for day in range(10, 20))
    assert known(tmp_path, f"Log in\n\nLight on a rock\n\n{BODY}\n\n{BODY}\n\n{stamps}\n").date is None
    assert known(tmp_path, f"Menu\n{stamps}\n\nLight on a rock\n\n{BODY}\n\n{BODY}").date is None


def test_a_running_head_dates_nothing(tmp_path: Path) -> None:
    pages = "\f".join(f"14 March 2016\n\n{BODY}\nThe keeper wrote page {n} of the log.\n" for n in range(1, 6))
    path = tmp_path / "a.txt"
    path.write_text(pages)
    raw = read(path)
    assert raw.metadata.date == "2016-03-14"  # the first lines alone do not tell
    assert describe_clean(raw, clean(raw)).date is None


def test_a_rights_notice_alone_dates_nothing(tmp_path: Path) -> None:
    assert known(tmp_path, f"Light on a rock\n\n{BODY}\n\n© 2016 Skarv Museum. All rights reserved.\n").date is None


def test_a_template_s_date_is_nobody_s() -> None:
    assert describe(BODY, Properties(created="2013-12-23T23:15:00Z")).date is None
    assert describe(BODY, Properties(created="2016-03-14T10:00:00Z")).date == "2016-03-14"


# --- dates that can be read in two ways -----------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "sentence", "expected"),
    [
        ("5/8/2016", "Last week's fair of 3 May was the largest so far.", "2016-05-08"),
        ("5/8/2016", "Last week's fair of August 3rd was the largest so far.", "2016-08-05"),
        ("5/8/2016", "The fairs of 3 May and 3 August were the largest so far.", "2016"),
        ("5/8/2016", "The fair was the largest so far.", "2016"),
        ("5/8/2016", "The fair of 3 May 1998 was the largest so far.", "2016"),
        ("5/8/2016", "The fair ended on 25/7/2016, the sale on 30/7/2016.", "2016-08-05"),
        ("5/8/2016", "The fair ended on 7/25/2016.", "2016-05-08"),
        ("Sunday, 5/8/2016", "The fair was the largest so far.", "2016-05-08"),
        ("2/10/2016", "From 12 to 17 September the town was full.", "2016-10-02"),
    ],
)
def test_a_date_in_numbers_is_settled_by_the_others(tmp_path: Path, date: str, sentence: str, expected: str) -> None:
    found = known(tmp_path, f"Light on a rock\n\nBy Ingrid Solvang\n\n{date}\n\n{sentence}\n{BODY}")
    assert (found.date, found.date_basis) == (expected, "stated")


def test_readings() -> None:
    assert readings("5/8/2016") == ("2016-05-08", "2016-08-05")
    assert readings("8/8/2016") == ("2016-08-08",)
    assert readings("2016-05-08") == readings("soon") == ()
    assert settle(("2016-05-08", "2016-08-05"), "", known="2016-08-05") == "2016-08-05"


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("8-May-2016", "2016-05-08"),
        ("Spring/Summer 2016", "2016"),
        ("Winter 2015-16", "2015"),
        ("8 мая 2016 года", "2016-05-08"),
        ("1er mars 2016", "2016-03-01"),
        ("8 de mayo de 2016", "2016-05-08"),
        ("8 مايو 2016", "2016-05-08"),
        ("8 במאי 2016", "2016-05-08"),
        ("2016년 5월 8일", "2016-05-08"),
        ("2016年5月", "2016-05"),
        ("08.05.2016", "2016-05-08"),
        ("mayor 2016", None),
    ],
)
def test_dates_in_many_forms(text: str, date: str | None) -> None:
    assert iso_date(text) == date


# --- dates inferred from what the text speaks of --------------------------------------------------

REPORT = (
    "The fishery of Skarv has changed in recent years. In 2014 the fleet landed 900 tons. In March 2015 the quota "
    "was cut. "
    "Landings fell to 700 tons in 2015. A second plant opened in June 2016. In 2016 landings rose again, and the price "
    "of cod is now higher than in 2014. The council met the owners in 2016. A new quay is planned for 2020. "
)


@pytest.mark.parametrize(
    ("text", "year"),
    [
        (REPORT, "2016"),
        ("In 2071 the sea froze. It is now 2072. In May 2072 it broke. In 2072 the ice came.", None),  # not begun yet
        ("The fishery has changed. In 2016 landings rose. It is now a small one.", None),  # once is not enough
        ("The siege began in 1941. In May 1942 it was lifted. In 1942 and 1943 men came home. It ended in 1943.", None),
        (REPORT + "The quay was opened in 2017. In 2018 nobody used it.", None),  # later years, but in passing
        ("By 2030 the fleet will land 900 tons. In 2030 the plan is due. The goal for 2030 is now higher.", None),
        (
            "In March this year the ice came back. In 2012 it had stayed away, in May 2014 it broke a pier, and in "
            "June 2015 "
            "it was gone by the third. The end of August this year brought the first frost.",
            "2016",
        ),
        (
            "In March this year the ice came back. Last year it stayed away. In May 2014 it broke a pier. In August "
            "this year "
            "there was frost.",
            None,
        ),
        (
            "In May this year the pier was closed. In June 2015 the ice broke it. In July 2015 divers came. The fair "
            "of 2016 "
            "had no pier. It was called Skarv-2016.",
            "2016",
        ),
        ("Улов меняется. В 2015 году сдали 700 тонн. В мае 2016 года открыли завод. В 2016 году цены выросли. Сейчас "
         "их два. "
         "В 2015 году был один. В 2016 году стало два.", "2016"),
        ("", None),
    ],
)  # fmt: skip
def test_the_year_that_a_text_settles(text: str, year: str | None) -> None:
    assert year_of(text) == year


def test_works_cited_are_not_the_year(tmp_path: Path) -> None:
    cited = (
        "It is now known (Aas, 2015). This was shown (Moe, 2016). So it is (Berg et al., 2016); see also (Lie, 2016). "
    )
    assert year_of(cited * 3) is None


def test_an_inferred_date_gives_way_to_any_other(tmp_path: Path) -> None:
    found = known(tmp_path, f"Light on a rock\n\n{REPORT}\n")
    assert (found.date, found.date_basis) == ("2016", "inferred")
    found = known(tmp_path, f"Light on a rock\n\n14 March 2017\n\n{REPORT}\n")
    assert (found.date, found.date_basis) == ("2017-03-14", "stated")


@pytest.mark.parametrize(
    ("created", "date", "basis"),
    [
        ("2017-02-01", "2017-02-01", "file"),  # saved in the months after
        ("2024-02-01", "2016", "inferred"),  # saved again years later
        ("2009-02-01", "2016", "inferred"),  # begun from an old file
    ],
)
def test_the_date_of_a_file_is_held_against_its_text(tmp_path: Path, created: str, date: str, basis: str) -> None:
    from dataclasses import replace

    path = tmp_path / "a.txt"
    path.write_text(f"Light on a rock\n\n{REPORT}\n")
    raw = read(path)
    raw = replace(raw, metadata=describe(raw.text, Properties(created=created)))
    found = describe_clean(raw, clean(raw))
    assert (found.date, found.date_basis) == (date, basis)


# --- names and titles that pages and files give ---------------------------------------------------


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Ingrid Solvang", "Ingrid Solvang"),
        ("Ingrid Solvang, Coast Correspondent", "Ingrid Solvang"),
        ("Ingrid Solvang; Peder Aas", "Ingrid Solvang, Peder Aas"),
        ("Ingrid Solvang, Ingrid B. Solvang, coast com", "Ingrid B. Solvang"),
        ("Ingrid Solvang November", "Ingrid Solvang"),
        ("The Associated Press", "The Associated Press"),
        ("INGRID SOLVANG Associated Press", "INGRID SOLVANG"),
        ("Coast Review", None),
        ("openpyxl", None),
        ("skarvadmin", None),
        ("Staff Writer", None),
        ("a division of Skarv Printing", None),
        ("Solvang, Ingrid", "Solvang, Ingrid"),
        ("Skarv Pilots", "Skarv Pilots"),
        ("x" * 90, None),
        (None, None),
    ],
)
def test_names_that_a_page_gives(given: str | None, name: str | None) -> None:
    assert person(given, "Coast Review") == name


@pytest.mark.parametrize(
    ("given", "site", "title"),
    [
        ("Light on a rock | Coast Review", "Coast Review", "Light on a rock"),
        ("Light on a rock - CoastReview.com", "Coast Review", "Light on a rock"),
        ("Coast Review: Light on a rock", "Coast Review", "Light on a rock"),
        ("Light on a rock - and on the sea", "Coast Review", "Light on a rock - and on the sea"),
        ("Light on a rock", "Light on a rock", "Light on a rock"),
        ("Light on a rock | Opinion", None, "Light on a rock | Opinion"),
    ],
)
def test_a_title_goes_without_its_site(given: str, site: str | None, title: str) -> None:
    assert without_site(given, site) == title
