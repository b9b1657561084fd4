"""Why a passage was found: what each stage of the search made of it, as HTML."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rag.types import RetrievedPassage, Trace
from ui.ask.conversation import Place
from ui.markup import text
from ui.words import Words


def why(place: Place, trace: Trace, words: Words) -> str:
    """Return a folded table of the ranks and scores of the passage that a quote is of."""
    found = passage_of(place, trace.retrieved)
    rows = _stages(place, found, trace.retrieved, words) if found else ""
    rows = f'<table class="stages"><tbody>{rows}</tbody></table>' if rows else _line(words("source.why_unknown"))
    question = words("source.why_question", question=trace.standalone_question) if trace.standalone_question else ""
    lacking = words("source.why_missing", missing=", ".join(trace.missing)) if trace.missing else ""
    said = "".join(_line(line) for line in (*filtered(trace.filters, words), lacking) if line)
    return (
        f'<details class="stages-of"><summary>{text(words("source.why"))}</summary><div class="inside">'
        f"{_line(question) if question else ''}{rows}{said}</div></details>"
    )


def passage_of(place: Place, retrieved: Sequence[RetrievedPassage]) -> RetrievedPassage | None:
    """Return the passage that holds a quote, or the one that holds most of it."""
    shared = [(min(place.end, p.end) - max(place.start, p.start), p) for p in retrieved if p.document == place.document]
    length, best = max(shared, key=lambda pair: pair[0], default=(0, None))
    return best if length > 0 else None


def _stages(place: Place, p: RetrievedPassage, among: Sequence[RetrievedPassage], words: Words) -> str:
    chance = None if p.evidence is None else words("source.per_cent", n=round(100 * p.evidence))
    read = [x for x in among if x.evidence is not None]
    unread = words("source.why_not_read")
    rows = (
        ("near", _rank(p.ranks.get("dense"), words)),
        ("worded", _rank(p.ranks.get("lexical"), words)),
        ("fused", f"{p.fused:.2f} · {_place(p, among, lambda x: x.fused, words)}"),
        ("evidence", f"{chance} · {_place(p, read, lambda x: x.evidence or 0.0, words)}" if chance else unread),
        ("best", _best(place, p, words)),
        ("order", words("source.why_place", n=among.index(p) + 1, of=len(among))),
    )
    return "".join(_stage(words(f"source.stage_{name}"), words(f"source.means_{name}"), value) for name, value in rows)


def _stage(name: str, meaning: str, value: str) -> str:
    head = f'<th scope="row">{text(name)} <span class="why">{text(meaning)}</span></th>'
    return f'<tr>{head}<td dir="auto">{text(value)}</td></tr>'


def _rank(rank: int | None, words: Words) -> str:
    return words("source.why_rank", n=rank) if rank else words("source.why_no_rank")


def _place(
    p: RetrievedPassage, among: Sequence[RetrievedPassage], score: Callable[[RetrievedPassage], float], words: Words
) -> str:
    better = sum(score(other) > score(p) for other in among)
    return words("source.why_place", n=better + 1, of=len(among))


def _best(place: Place, p: RetrievedPassage, words: Words) -> str:
    start, end = p.best or (p.start, p.end)
    if p.best is None:
        return words("source.why_not_read")
    if start < place.end and place.start < end:
        return words("source.why_best_cited")
    return f"“{p.text[start - p.start : end - p.start]}”"


def filtered(filters: Mapping[str, str], words: Words) -> list[str]:
    """Say what the filters of a question did."""
    first = {name.removeprefix("preferred "): v for name, v in filters.items() if name.startswith("preferred ")}
    only = {n: v for n, v in filters.items() if not n.startswith("preferred ") and n != "parts"}
    said = [words("source.filters_only", filters=_named(only))] if only else []
    said += [words("source.filters_first", filters=_named(first))] if first else []
    said += [words("source.filters_parts", parts=filters["parts"])] if "parts" in filters else []
    return said or [words("source.filters_none")]


def _named(filters: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in filters.items())


def _line(said: str) -> str:
    return f'<p dir="auto">{text(said)}</p>'
