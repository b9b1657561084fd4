"""Draw the plots of a report as inline SVG, without a style of their own: colours are classes of the page's CSS.

Every function takes plain numbers and returns markup that is safe to put in a page. A plot of a share has a fixed scale
from 0 to 1, so that two reports can be laid side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from eval.metrics import Bin

WIDTH, HEIGHT = 360, 250
LEFT, RIGHT, TOP, BOTTOM = 62, 20, 12, 44
"""Room around the drawing: for the numbers and the name of an axis."""

TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)

Point = tuple[float, float]


@dataclass(frozen=True)
class Stage:
    """How long one stage took, in milliseconds."""

    name: str
    p50: float
    p95: float
    p99: float


def risk_coverage(points: Sequence[Point], *, description: str) -> Markup:
    """Return the share of wrong answers (y) among the share of answers of which the assistant is surest (x)."""
    line = " ".join(f"{'M' if i == 0 else 'L'}{_x(x):.1f} {_y(y):.1f}" for i, (x, y) in enumerate(points))
    drawn = [_axes("share of the answers let through", "share of those that are wrong"), _path("curve", line)]
    return _svg("Risk and coverage", description, drawn)


def reliability(bins: Sequence[Bin], *, description: str) -> Markup:
    """Return how often it came true (y) when the assistant gave it this chance (x); the diagonal is perfect.

    The area of a dot is in proportion to the questions in it.
    """
    most = max((b.n for b in bins), default=1)
    diagonal = f"M{_x(0):.1f} {_y(0):.1f}L{_x(1):.1f} {_y(1):.1f}"
    dots = [_dot("dot", (b.chance, b.share), 3 + 7 * (b.n / most) ** 0.5, f"{b.n} questions") for b in bins]
    return _svg(
        "Reliability",
        description,
        [_axes("chance that the documents answer", "share that they do answer"), _path("diagonal", diagonal), *dots],
    )


def shares(counts: Mapping[str, int]) -> Markup:
    """Return one bar of stacked parts; the keys are the classes that colour them."""
    total = sum(counts.values())
    at, parts = 0.0, []
    for name, count in counts.items():
        wide = 100 * count / total if total else 0
        if count:
            parts.append(Markup('<rect class="{}" x="{:.2f}" width="{:.2f}" height="8"/>').format(name, at, wide))
        at += wide
    return _bar(parts)


def whisker(value: float, interval: tuple[float, float] | None) -> Markup:
    """Return a value between 0 and 1 as a tick on a scale, and its interval as a band."""
    band = []
    if interval is not None:
        low, high = interval
        band = [
            Markup('<rect class="band" x="{:.2f}" width="{:.2f}" height="8"/>').format(100 * low, 100 * (high - low))
        ]
    at = min(max(100 * value, 0.75), 99.25)
    return _bar([*band, Markup('<rect class="tick" x="{:.2f}" width="1.5" height="8"/>').format(at - 0.75)])


def duration(stage: Stage, longest: float) -> Markup:
    """Return the p50 of a stage as a bar and its p95 as a lighter one behind it, in parts of the longest."""
    bars = [("slow", stage.p95), ("usual", stage.p50)]
    return _bar(
        Markup('<rect class="{}" width="{:.2f}" height="8"/>').format(name, 100 * value / longest if longest else 0)
        for name, value in bars
    )


def _bar(parts: Iterable[Markup]) -> Markup:
    drawn = Markup('<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">{}</svg>')
    return drawn.format(Markup("").join(parts))


def _svg(title: str, description: str, parts: Sequence[Markup]) -> Markup:
    return Markup('<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, f"{title}: {description}", Markup("").join(parts)
    )


def _x(value: float) -> float:
    return LEFT + value * (WIDTH - LEFT - RIGHT)


def _y(value: float) -> float:
    return HEIGHT - BOTTOM - value * (HEIGHT - TOP - BOTTOM)


def _axes(x_name: str, y_name: str) -> Markup:
    parts = []
    for tick in TICKS:
        across, down = f"M{_x(0):.1f} {_y(tick):.1f}H{_x(1):.1f}", f"M{_x(tick):.1f} {_y(0):.1f}v4"
        parts.append(_path("grid", across))
        parts.append(_path("grid", down))
        parts.append(_text(_x(0) - 6, _y(tick) + 4, _percent(tick), "end"))
        parts.append(_text(_x(tick), _y(0) + 17, _percent(tick), "middle"))
    parts.append(_text(_x(0.5), HEIGHT - 6, x_name, "middle"))
    turned = Markup('<text transform="translate(11 {:.1f}) rotate(-90)" text-anchor="middle">{}</text>')
    return Markup("").join([*parts, turned.format(_y(0.5), y_name)])


def _percent(share: float) -> str:
    return f"{100 * share:.0f}\u00a0%" if share else "0"


def _path(kind: str, line: str) -> Markup:
    return Markup('<path class="{}" d="{}"/>').format(kind, line)


def _dot(kind: str, at: Point, radius: float, title: str = "") -> Markup:
    named = Markup("<title>{}</title>").format(title) if title else Markup("")
    return Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="{:.1f}">{}</circle>').format(
        kind, _x(at[0]), _y(at[1]), radius, named
    )


def _text(x: float, y: float, words: str, anchor: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y, anchor, escape(words))
