"""A run made by hand: one question for each thing that can happen, and texts that mean harm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from eval.runs import Gold, Record, Run

HOSTILE = (
    'Keeper\'s log: <img src=x onerror="window.hacked=1"> <script>window.hacked=1</script> </script></style>'
    "<style>*{display:none}</style> {{7*7}} {% raise %} ${window.hacked=1} [link](javascript:window.hacked=1) "
    "![dot](http://example.org/dot.png) | `code` <!-- a comment --> &lt;b&gt; @keeper #7 www.example.org "
    "https://example.org/?a=1&b=2 $x$ and \u202eturned"
)
CARGO = "The harbour handled 4.2 million tons of cargo in 2013."
CRANE = "The new crane had paid for itself within eighteen months."
TRAWLERS = "Nine trawlers still work from Lorn."
DOCUMENTS = [
    {"id": "aaaa", "name": "harbour.md", "title": "The harbour report", "date": "2014-03-02"},
    {"id": "bbbb", "name": "log.txt", "title": "Log <i>of</i> the lighthouse", "date": None},
]


def passage(document: str, start: int, text: str, score: float, **ranks: int) -> dict[str, Any]:
    """Return a passage as a trace holds it."""
    end = start + len(text)
    return {"document": document, "start": start, "end": end, "text": text, "ranks": ranks, "score": score}


def cited(number: int, document: str, start: int, quote: str) -> dict[str, Any]:
    """Return a citation as an answer holds it."""
    names = {d["id"]: d for d in DOCUMENTS}
    about = {"title": names[document]["title"], "source": f"/docs/{names[document]['name']}", "author": "Ines Falk"}
    place = {"document": document, "start": start, "end": start + len(quote), "quote": quote}
    return {"id": number, "date": names[document]["date"], "page": 3, **about, **place}


def answered(
    sentences: Sequence[tuple[str, str, list[int]]],
    citations: Sequence[Mapping[str, Any]],
    retrieved: Sequence[Mapping[str, Any]] = (),
    *,
    answerable: float = 0.9,
    status: str = "answered",
    text: str = "",
    **more: Any,
) -> dict[str, Any]:
    """Return an answer as a run holds it."""
    joined = " ".join(f"{said} " + "".join(f"[{n}]" for n in numbers) for said, _, numbers in sentences)
    trace = {
        "standalone_question": "",
        "filters": {"author": "Ines Falk"},
        "answerable": answerable,
        "model": "extractive",
        "tokens": {},
        "timings_ms": {"retrieve": 20.0, "compose": 1.0, "total": 40.0},
        "retrieved": list(retrieved),
    }
    parts = [{"text": s, "verdict": v, "score": 0.9, "citations": n} for s, v, n in sentences]
    empty: dict[str, Any] = {"nearest": [], "dropped": [], "citations": list(citations), "sentences": parts}
    return {"question": "", "status": status, "answer": text or joined, **empty, "trace": trace, **more}


def refusal(nearest: Sequence[Mapping[str, Any]], answerable: float) -> dict[str, Any]:
    """Return a refusal as a run holds it."""
    words = "The documents do not answer this question."
    return answered([], [], FOUND, answerable=answerable, status="refused", text=words, nearest=list(nearest))


GOLD = Gold("harbour", CARGO, "aaaa", 100, 100 + len(CARGO))
FOUND = [
    passage("aaaa", 100, f"{CARGO} {CRANE}", 1.25, dense=1, lexical=2),
    passage("bbbb", 0, HOSTILE, 0.5, lexical=1) | {"evidence": 0.07},
]


def record(
    number: str, question: str, type_: str, answer: Mapping[str, Any], seconds: float, **scores: float
) -> Record:
    """Return a record with the scores that every record has."""
    answerable = type_ not in ("unanswerable", "false-premise")
    every = {"refused": float(answer["status"] == "refused"), "answerable": answer["trace"]["answerable"]}
    named = {name.replace("_at_", "@"): value for name, value in scores.items()}
    return Record(number, question, type_, answerable, "", answer, every | named, seconds)


RECORDS = (
    replace(
        record(
            "a1",
            "How much cargo did the harbour handle?",
            "number",
            answered([(CARGO, "supported", [1]), (TRAWLERS, "partial", [])], [cited(1, "aaaa", 100, CARGO)], FOUND),
            0.05,
            right=1,
            facts=1,
            citation_precision=1,
            citation_recall=1,
            hit_at_5=1,
            token_f1=0.5,
        ),
        expected="4.2 million tons",
        must_include=(("4.2 million", "4,200,000"),),
        evidence=(GOLD,),
        reasons=("every expected fact is in the answer",),
        contexts=(("The sentence before it.", CRANE),),
    ),
    replace(
        record(
            "a2",
            "What did the lighthouse keeper write? " + HOSTILE,
            "list",
            answered(
                [(HOSTILE, "supported", [1])],
                [cited(1, "bbbb", 0, HOSTILE)],
                FOUND,
                answerable=0.6,
                dropped=[{"text": f"Dropped {HOSTILE}", "why": "no source holds it"}],
            ),
            0.2,
            right=0,
            facts=0.5,
            citation_precision=0,
            citation_recall=0,
            hit_at_5=1,
        ),
        expected=f"A log {HOSTILE}",
        must_include=(("Keeper's log",), (f"a ship {HOSTILE}", "a vessel")),
        evidence=(GOLD, Gold("lost", f"No such words {HOSTILE}", None, problem="the quote is in no document")),
        reasons=(f"lacks: {HOSTILE}", "cites none of the evidence"),
        contexts=((f"Before {HOSTILE}", f"After {HOSTILE}"),),
    ),
    replace(
        record(
            "a3",
            "When was the crane built?",
            "date",
            refusal([cited(0, "aaaa", 100, CARGO)], 0.2),
            0.9,
            right=0,
            facts=0,
        ),
        expected="2012",
        must_include=(("2012",),),
        evidence=(GOLD,),
        reasons=("refused, but the documents answer",),
    ),
    replace(
        record("a4", "Who is the mayor?", "unanswerable", refusal([cited(0, "bbbb", 0, HOSTILE)], 0.1), 0.01, right=1),
        reasons=("refused, as it should be",),
    ),
    replace(
        record(
            "a5",
            "Why did the harbour close in 2012?",
            "false-premise",
            answered(
                [(CRANE, "supported", [1])], [cited(1, "aaaa", 100 + len(CARGO) + 1, CRANE)], FOUND, answerable=0.8
            ),
            0.3,
            right=0,
            facts=0,
        ),
        expected="It did not close.",
        must_include=(("did not close",),),
        reasons=("lacks: 'did not close'",),
        contexts=((CARGO, ""),),
    ),
    record(
        "a6", "cargo tonnage", "retrieval", answered([(CARGO, "supported", [1])], [cited(1, "aaaa", 100, CARGO)]), 0.04
    ),
)

RUN = Run(
    set="har[bour] <b>set</b>",
    started="2024-01-02T03:04:05+00:00",
    settings={"model": "extractive", "collection": "lorn", "refuse_below": 0.5, "prompts": None},
    ids=tuple(r.id for r in RECORDS),
    records=RECORDS,
    set_hash="0123456789abcdef" * 4,
    questions=6,
    versions={"rag": "9.8.7", "python": "3.11.0"},
    models={
        "embedder": {"name": "MiniLM", "sha256": "fedcba98" * 8},
        "composer": {"name": "extractive", "sha256": None},
    },
    library={"name": "lorn", "embedder": "MiniLM", "documents": DOCUMENTS},
    machine={"system": "Linux", "cores": 2},
)


def changed_run() -> Run:
    """Return the run again with another threshold: a1 is refused, and a3 is answered rightly."""
    first, third = RECORDS[0], RECORDS[2]
    worse = replace(
        first,
        answer=refusal([cited(0, "aaaa", 100, CARGO)], 0.4),
        scores={"refused": 1.0, "answerable": 0.4, "right": 0.0, "facts": 0.0},
        reasons=("refused, but the documents answer",),
        contexts=(),
    )
    better = replace(
        third,
        answer=answered([(f"It was built in 2012. {HOSTILE}", "supported", [])], []),
        scores={"refused": 0.0, "answerable": 0.9, "right": 1.0, "facts": 1.0},
        reasons=("every expected fact is in the answer",),
    )
    records = tuple({"a1": worse, "a3": better}.get(r.id, r) for r in RECORDS)
    return replace(RUN, settings={**RUN.settings, "refuse_below": 0.7}, records=records)
