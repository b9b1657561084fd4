"""What an answer costs: time, tokens, money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def percentile(values: Sequence[float], percent: int) -> float | None:
    """Return the nearest-rank percentile: the smallest value that `percent` % of the values do not exceed.

    It is always one of the values, so a latency that was really seen.
    """
    if not 1 <= percent <= 100:
        raise ValueError(f"percent is {percent}; expected 1 to 100")
    return sorted(values)[-(-percent * len(values) // 100) - 1] if values else None


def price(tokens: Mapping[str, int], per_million: Mapping[str, float]) -> float | None:
    """Return what the tokens of an answer cost: in the currency of the prices.

    Formula: sum over kinds of tokens * price per million / 1,000,000.
    None where there are tokens of a kind whose price is not known; nothing costs nothing.
    """
    counted = {kind: n for kind, n in tokens.items() if n}
    if counted.keys() - per_million.keys():
        return None
    return sum(n * per_million[kind] for kind, n in counted.items()) / 1_000_000
