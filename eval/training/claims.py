"""Claims with the sentences they are said to rest on: what teaches the evidence model to tell whether they do.

Our own claims on our own essays, sentences of what is trained on with a word or name exchanged, and the public sets of
such pairs. The same examples as for questions: the claim stands for the question, and `holds` are its sentences,
empty for a claim that they do not support.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from eval.support.pairs import LEARNED, read_pairs
from eval.training.data import Essay, Example, own_essays
from eval.training.negatives import exchanged_both, exchanged_question, without_answer
from rag.facts import clauses

CLAIMS = Path(__file__).parent / "claims.jsonl"
"""Our own claims on our own essays: the essay, the claim, a label and the sentences that carry it or come nearest."""
OFTEN = {"CovidFact": 0.7, "SICK": 0.25, "ClimateFEVER": 0.35}
"""Share of a public set that is drawn in each pass: of short captions and of single sentences there is enough."""
TIMES = 2
"""How often each of ours is drawn in a pass, among other sentences each time."""
MADE = 3_000
"""Claims that are made of sentences in each pass."""
SOURCES = 6
"""Most sentences of a public pair."""
SHORT, LONG = 8, 45
"""Words of a sentence that a claim is made of."""


class Claims:
    """All claims that are trained on, drawn anew for each pass."""

    def __init__(self, folder: Path, examples: Sequence[Example], names: Sequence[str]) -> None:
        """Read our own claims and the public sets of a folder; `examples` give sentences to make more of."""
        self._own = [row for row in read_claims() if not row[0].spared]
        public = {name: read_pairs(folder, name) for name in LEARNED}
        self._public = {
            n: [_pair(p.claim, p.texts[0].sentences[:SOURCES], p.supported) for p in pairs]
            for n, pairs in public.items()
        }
        self._passages = [e for e in examples if len(e.sentences) > 1]
        self._names = names

    def drawn(self, chance: random.Random) -> list[Example]:
        """Draw the claims of one pass."""
        found = [example for row in self._own * TIMES for example in self._of_ours(*row, chance)]
        for name, pairs in self._public.items():
            found += chance.sample(pairs, int(len(pairs) * OFTEN[name]))
        found += [made for _ in range(MADE) if (made := self._made(chance))]
        chance.shuffle(found)
        return found

    def _of_ours(
        self, essay: Essay, claim: str, supported: bool, sources: Sequence[int], chance: random.Random
    ) -> list[Example]:
        found = [placed(essay, claim, supported, sources, chance)]
        if supported and len(sources) > 1 and chance.random() < 0.5:
            # The fewest that carry it were named: with one of them gone, they do not.
            gone = chance.choice(sources)
            rest = [i for i in sources if i != gone]
            found.append(placed(essay, claim, False, rest, chance, but=sources))
        elif supported and chance.random() < 0.3:
            far = [i for i in range(len(essay.sentences)) if min(abs(i - s) for s in sources) > 1]
            found.append(placed(essay, claim, False, chance.sample(far, 2), chance, but=sources))
        if supported and chance.random() < 0.3 and (other := exchanged_question(found[0], self._names, chance)):
            found.append(other)
        return found

    def _made(self, chance: random.Random) -> Example | None:
        """Make a claim of a sentence: as it stands or a clause of it, with its passage or one without it."""
        passage = chance.choice(self._passages)
        at = chance.randrange(len(passage.sentences))
        said = passage.sentences[at].strip()
        if not SHORT <= len(said.split()) <= LONG or said.endswith("?"):
            return None
        if chance.random() < 0.4:
            said = max(clauses(said), key=len, default=said)
        around = range(max(0, at - chance.randrange(3)), min(len(passage.sentences), at + 1 + chance.randrange(3)))
        example = _pair(said, [passage.sentences[i] for i in around], supported=True)
        example = replace(example, title=passage.title, focus=around.index(at), holds=frozenset({around.index(at)}))
        ways = (exchanged_question, exchanged_question, exchanged_both, lambda e, *_: without_answer(e), None, None)
        way = chance.choice(ways)
        return way(example, self._names, chance) if way else example


def read_claims(path: Path = CLAIMS) -> list[tuple[Essay, str, bool, list[int]]]:
    """Return our own claims: the essay, the claim, whether its sentences support all of it, and their numbers."""
    essays = {essay.name: essay for essay in own_essays()}
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [(essays[r["essay"]], r["claim"], r["label"] == "supported", r["sources"]) for r in rows]


def spared_claims() -> list[Example]:
    """Return our own claims on the essays that are not trained on, each with its sentences and those before them."""
    return [placed(*row, None) for row in read_claims() if row[0].spared]


def placed(
    essay: Essay,
    claim: str,
    supported: bool,
    sources: Sequence[int],
    chance: random.Random | None,
    but: Sequence[int] = (),
) -> Example:
    """Return a claim with its sentences, and mostly with those before them, which say who "he" is.

    `but` are sentences that must not come with them.
    """
    wanted = set(sources)
    for source in sources:
        if source and (chance is None or chance.random() < 0.6):
            wanted.add(source - 1)
        if chance and source + 1 < len(essay.sentences) and chance.random() < 0.25:
            wanted.add(source + 1)
    order = sorted(wanted - (set(but) - set(sources)))
    example = _pair(claim, [essay.sentences[i] for i in order], supported)
    title = essay.title if chance is None or chance.random() < 0.5 else ""
    held = frozenset(order.index(i) for i in sources) if supported else frozenset()
    return replace(example, title=title, holds=held, focus=order.index(sources[0]))


def _pair(claim: str, sentences: Sequence[str], supported: bool) -> Example:
    texts = tuple(sentences)
    held = frozenset(range(len(texts))) if supported else frozenset()
    return Example(claim, "", texts, held, (), 0, "claim", claim, texts)
