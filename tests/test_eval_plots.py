"""The plots, by the places of what they draw."""

from __future__ import annotations

import re

import pytest
from lxml import etree

from eval.metrics import Bin
from eval.plots import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Stage,
    duration,
    reliability,
    risk_coverage,
    shares,
    whisker,
)


def test_a_curve_goes_through_its_points() -> None:
    drawn = etree.fromstring(risk_coverage([(0.0, 0.0), (0.5, 1.0), (1.0, 0.5)], description="a < b"))
    (line,) = drawn.xpath("//path[@class='curve']/@d")
    places = [tuple(map(float, pair)) for pair in re.findall(r"([\d.]+) ([\d.]+)", line)]
    left, right, top, bottom = LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM
    assert places == [(left, bottom), ((left + right) / 2, top), (right, (top + bottom) / 2)]
    assert drawn.get("aria-label") == "Risk and coverage: a < b"


def test_a_dot_stands_at_its_chance_and_share_and_grows_with_its_questions() -> None:
    drawn = etree.fromstring(reliability([Bin(0.2, 0.3, 1, 0.25, 0.0), Bin(0.9, 1, 100, 1.0, 0.75)], description=""))
    small, large = drawn.xpath("//circle")
    assert float(small.get("cx")) == pytest.approx(LEFT + 0.25 * (WIDTH - LEFT - RIGHT), abs=0.06)
    assert float(small.get("cy")) == HEIGHT - BOTTOM
    assert float(large.get("r")) > float(small.get("r"))
    assert large[0].text == "100 questions"


def test_the_parts_of_a_bar_follow_each_other_and_fill_it() -> None:
    parts = etree.fromstring(shares({"right": 3, "partly": 0, "wrong": 1})).xpath("//rect")
    assert [(p.get("class"), float(p.get("x")), float(p.get("width"))) for p in parts] == [
        ("right", 0, 75),
        ("wrong", 75, 25),
    ]
    assert etree.fromstring(shares({"right": 0})).xpath("//rect") == []


@pytest.mark.parametrize(("value", "at"), [(0.0, 0.0), (0.5, 49.25), (1.0, 98.5)])
def test_a_tick_stays_on_its_scale(value: float, at: float) -> None:
    (tick,) = etree.fromstring(whisker(value, None)).xpath("//rect")
    assert float(tick.get("x")) == at


def test_an_interval_is_a_band() -> None:
    band, _ = etree.fromstring(whisker(0.5, (0.25, 0.75))).xpath("//rect")
    assert (float(band.get("x")), float(band.get("width"))) == (25, 50)


def test_a_stage_is_drawn_in_parts_of_the_longest() -> None:
    slow, usual = etree.fromstring(duration(Stage("retrieve", 10, 40, 60), 80)).xpath("//rect")
    assert (float(slow.get("width")), float(usual.get("width"))) == (50, 12.5)
    assert all(
        float(r.get("width")) == 0 for r in etree.fromstring(duration(Stage("none", 0, 0, 0), 0)).xpath("//rect")
    )
