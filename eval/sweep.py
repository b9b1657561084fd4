"""Try a grid of settings on a set of questions, and show which are worth their time."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from eval.figures import Figure, figures
from eval.runs import Run
from rag.errors import RagError

ALIASES = {"k": "passages", "threshold": "refuse_below", "composer": "model"}
"""What people call settings."""

LARGEST = 200
"""Points of a grid: more is a mistake, or a night's work that should be several."""


class SweepError(RagError):
    """A grid that cannot be tried."""

    exit_code = 2


@dataclass(frozen=True)
class Point:
    """A point of the grid: its settings, how good its answers are, and what they cost.

    `front` says that no other point is at least as good and as quick, and better in one of the two.
    """

    values: Mapping[str, str]
    run: Run
    quality: Figure
    cost: Figure
    front: bool = False


def parse_grid(text: str, known: Sequence[str]) -> list[dict[str, str]]:
    """Return the points of a grid such as "k=3,5;refuse_below=0.3,0.5": each value with each of the other names.

    `known` are the names of the settings. The values are checked when the settings are made of them.

    Raises:
        SweepError: when a name is no setting's, comes twice, or has no value, or the grid is too large.
    """
    axes: dict[str, list[str]] = {}
    for part in filter(None, (p.strip() for p in text.split(";"))):
        given, _, listed = (x.strip() for x in part.partition("="))
        name = ALIASES.get(given, given)
        values = list(dict.fromkeys(v.strip() for v in listed.split(",") if v.strip()))
        if name not in known:
            raise SweepError(f"--grid: there is no setting {given!r}.{_meant(given, known)}")
        if name in axes:
            raise SweepError(f"--grid: {given!r} comes twice; give all of its values at once, as {given}=A,B")
        if not values:
            raise SweepError(f"--grid {part!r}: expected NAME=VALUE,VALUE, such as k=3,5")
        axes[name] = values
    if not axes:
        raise SweepError("--grid is empty: give NAME=VALUE,VALUE;…, such as k=3,5;refuse_below=0.3,0.5")
    points = [dict(zip(axes, chosen, strict=True)) for chosen in product(*axes.values())]
    if len(points) > LARGEST:
        raise SweepError(f"--grid has {len(points)} points, more than {LARGEST}: leave out values, or try it in parts")
    return points


def file_name(point: Mapping[str, str]) -> str:
    """Return the name of the file for the run of a point: its settings as far as they fit, and their hash."""
    words = ",".join(f"{name}={value}" for name, value in point.items())
    plain = "".join(c if c.isalnum() or c in "-_.,=" else "-" for c in words)[:80]
    return f"{plain}-{hashlib.sha256(words.encode()).hexdigest()[:8]}.jsonl"


def weigh(runs: Sequence[tuple[Mapping[str, str], Run]], quality: str, cost: str) -> list[Point]:
    """Return the points of a grid with the front among them marked.

    Raises:
        SweepError: when a run has no figure of that name.
    """
    points = [Point(values, run, _figure(run, quality), _figure(run, cost)) for values, run in runs]
    return [
        Point(p.values, p.run, p.quality, p.cost, not any(_dominates(other, p) for other in points)) for p in points
    ]


def _figure(run: Run, key: str) -> Figure:
    found = {figure.key: figure for figure in figures(run.records)}
    if key not in found or found[key].value is None:
        usable = ", ".join(name for name, figure in found.items() if figure.value is not None)
        raise SweepError(f"no question of this set has the figure {key!r}; there are {usable}")
    return found[key]


def _dominates(one: Point, other: Point) -> bool:
    """Say whether one point is as good and as cheap as another, and better in one of the two (Pareto)."""
    good = [_signed(one.quality), _signed(one.cost)], [_signed(other.quality), _signed(other.cost)]
    return all(a >= b for a, b in zip(*good, strict=True)) and good[0] != good[1]


def _signed(figure: Figure) -> float:
    value = figure.value or 0.0
    return value if figure.better == "higher" else -value


def _meant(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, [*known, *ALIASES], n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"{hint} There are {', '.join(sorted(known))}; k, threshold and composer are other words for some."
