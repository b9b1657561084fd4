"""Measure our verdict on pairs of a claim and a text: `python -m eval.support DATA`.

AttributionBench and WiCE are read, and our own claims on the essays that training spares; of each, one half may be
fitted on (`--fit`) and the other is measured. A claim that its text supports in part is not supported; of our
verdicts, "supported" alone counts as supported, and a second line tells what would be if "partial" did too. The sources
are chosen among the text's sentences as the product does it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from eval.metrics import percentile
from eval.support.fit import OWN, fit
from eval.support.looking import Remembered, look_at
from eval.support.pairs import LEARNED, MEASURED, Pair, Text, read_pairs
from eval.training.claims import read_claims
from index.embed import open_embedder
from rag.reader import open_reader
from rag.settings import load_settings
from rag.types import Verdict

console = Console(highlight=False)
SEED = 7


def main(
    data: Annotated[Path, typer.Argument(help="Folder of the public sets.")],
    cache: Annotated[Path, typer.Option(help="Folder that keeps embeddings.")] = Path(".bench-cache"),
    sample: Annotated[int, typer.Option(help="Most pairs of a set.")] = 300,
    evidence_model: Annotated[str, typer.Option(help="default, off, or a folder of weights.")] = "default",
    fitting: Annotated[bool, typer.Option("--fit", help="Fit the likelihood on the other halves, print it.")] = False,
) -> None:
    """Measure the verdict, or fit the likelihood that it is made from."""
    settings = load_settings({"home": cache, "evidence_model": evidence_model})
    reader = open_reader(settings.evidence_model, settings.cache / "evidence")
    embedder = Remembered(open_embedder(settings.embedder, settings.cache), cache / "support.npz")
    if fitting:
        # What the evidence model was trained on, it knows too well.
        sets = [*MEASURED, OWN] if reader else [*MEASURED, *LEARNED]
        given = {name: look_at(halves(data, name)[0][: 2 * sample], embedder, reader) for name in sets}
        intercept, coefficients = fit(given)
        console.print(f"{'READ' if reader else 'WORDS'} = {intercept:.2f}, {tuple(round(c, 2) for c in coefficients)}")
        return
    table = Table("set", "pairs", "counted as supported", "macro-F1", "balanced accuracy", "ms a pair, 95 %")
    for name in (*MEASURED, OWN):
        looks = look_at(halves(data, name)[1][:sample], embedder, reader)
        slow = f"{1000 * (percentile([k.seconds for k in looks], 95) or 0.0):.1f}"
        for verdicts in ((Verdict.SUPPORTED,), (Verdict.SUPPORTED, Verdict.PARTIAL)):
            said = [look.judgement.verdict in verdicts for look in looks]
            f1, balanced = agreement(said, [look.pair.supported for look in looks])
            table.add_row(name, str(len(looks)), ", ".join(verdicts), f"{f1:.3f}", f"{balanced:.3f}", slow)
    console.print(table)


def halves(data: Path, name: str) -> tuple[list[Pair], list[Pair]]:
    """Return the pairs of a set to fit on and those to measure on; which are which never changes."""
    pairs = _own() if name == OWN else read_pairs(data, name)
    random.Random(SEED).shuffle(pairs)
    return pairs[: len(pairs) // 2], pairs[len(pairs) // 2 :]


def _own() -> list[Pair]:
    return [
        Pair(claim, (Text(e.sentences, e.title, e.title),), supported)
        for e, claim, supported, _ in read_claims()
        if e.spared
    ]


def agreement(said: Sequence[bool], right: Sequence[bool]) -> tuple[float, float]:
    """Return macro-F1 and balanced accuracy: the means over both answers of F1 and of recall."""
    scores, recalls = [], []
    for answer in (True, False):
        hits = sum(s is answer and r is answer for s, r in zip(said, right, strict=True))
        told, held = sum(s is answer for s in said), sum(r is answer for r in right)
        scores.append(2 * hits / (told + held) if told + held else 0.0)
        recalls.append(hits / held if held else 0.0)
    return sum(scores) / 2, sum(recalls) / 2


if __name__ == "__main__":
    typer.run(main)
