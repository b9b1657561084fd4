"""Examples become padded batches: a window of the passage, tokens, and which sentence each token belongs to.

The same layout as `rag.reader` makes: question, separator, title, the sentences, separator.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from tokenizers import Tokenizer

from eval.training.data import Example
from eval.training.first_look import FirstLook
from eval.training.negatives import (
    elsewhere,
    exchanged_both,
    exchanged_passage,
    exchanged_question,
    without_answer,
)
from eval.training.synonyms import reworded
from rag.facts import FUNCTION_WORDS
from rag.reader import STEP, token_types

QUESTION_TOKENS, CLAIM_TOKENS, TITLE_TOKENS = 48, 96, 32
SHORTEST, LONGEST = 30, 200
"""Tokens of a window, drawn evenly: the longest are as long as the passages that are read in use; short ones take less
time."""

OFTEN = {"qed": 0.25, "selqa": 0.25, "own": 0.5, "essay": 0.5, "dossier": 2.0, "misplaced": 2.0, "plain": 2.0}
"""How often the examples of a set are drawn in each pass, if not once: of the easiest a part, the hardest twice."""
UNTITLED = {"dossier": 0.15, "misplaced": 0.0, "plain": 0.05}
"""Share of the rows that come without their title, where it is not .4."""
REWORDED, UNMARKED = 0.25, 0.1
"""Share of the questions put in other words, and of the rows whose shared tokens are not marked."""

KEPT = 100_000
"""Texts whose tokens are kept: more than the sets have before anything is exchanged in them."""


@dataclass(frozen=True)
class Batch:
    """Tensors of one step. `sentence` is the sentence of each token, -1 for none; `answer` marks answer tokens."""

    ids: torch.Tensor
    mask: torch.Tensor
    types: torch.Tensor
    sentence: torch.Tensor
    answer: torch.Tensor
    holds: torch.Tensor
    exists: torch.Tensor
    first: torch.Tensor
    """Cosine and coverage of each sentence, (rows, sentences, 2)."""
    claims: bool
    """Whether they are claims that sentences support or not, and no questions."""


@dataclass(frozen=True)
class Row:
    """One encoded example."""

    ids: list[int]
    types: list[int]
    sentence: list[int]
    answer: list[int]
    holds: list[int]
    first: list[tuple[float, float]]
    claim: bool


class Encoder:
    """Encodes examples; keeps what it has encoded, for each is seen many times."""

    def __init__(self, tokenizer: Tokenizer, first_look: FirstLook, synonyms: dict[str, list[str]]) -> None:
        self._tokenizer = tokenizer
        self._first_look = first_look
        self._synonyms = synonyms
        self._known: dict[str, Any] = {}
        self._unmarked = unmarked(tokenizer)
        self._start, self._end = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")

    def row(self, example: Example, chance: random.Random | None = None) -> Row:
        """Encode an example; with `chance`, a random window of it, and its title only now and then."""
        claim = example.source == "claim"
        if chance and chance.random() < REWORDED:
            example = replace(example, question=reworded(example, self._synonyms, chance))
        parts = [self._encode(s) for s in example.sentences]
        # Of a claim's sentences and of those side by side none may be left out: they are chosen already.
        chosen = claim or bool(example.heads)
        budget = chance.randint(SHORTEST, LONGEST) if chance and not chosen else 400
        first, last = _window([len(p.ids) for p in parts], example.focus, budget, chance)
        question = example.question
        if chance and not claim and chance.random() < 0.3:
            question = question.rstrip("? ") if question.endswith("?") else f"{question}?"
        ids = [self._start, *self._encode(question).ids[: CLAIM_TOKENS if claim else QUESTION_TOKENS], self._end]
        head = len(ids)
        sentence, answer = [-1] * head, [0] * head
        if example.title and not (chance and chance.random() < UNTITLED.get(example.source, 0.4)):
            title = self._encode(f"{example.title}.").ids[:TITLE_TOKENS]
            ids += title
            sentence, answer = sentence + [-1] * len(title), answer + [0] * len(title)
        for number in range(first, last + 1):
            part = parts[number]
            if example.heads and example.heads[number]:
                head_ids = self._encode(example.heads[number]).ids
                ids += head_ids
                sentence, answer = sentence + [-1] * len(head_ids), answer + [0] * len(head_ids)
            cut = LONGEST if chance and not claim else 400
            spans = [(a, b) for i, a, b in example.answer if i == number]
            ids += part.ids[:cut]
            sentence += [number - first] * len(part.ids[:cut])
            answer += [int(any(x < b and y > a for a, b in spans)) for x, y in part.offsets[:cut]]
        ids, sentence, answer = [*ids, self._end], [*sentence, -1], [*answer, 0]
        holds = [int(number in example.holds) for number in range(first, last + 1)]
        types = token_types(ids, head, self._unmarked)
        if chance and chance.random() < UNMARKED:
            types = [t % 2 for t in types]
        scored = [] if claim else self._first_look(example)[first : last + 1]
        return Row(ids[:512], types[:512], sentence[:512], answer[:512], holds, scored, claim)

    def _encode(self, text: str) -> Any:
        if text not in self._known:
            # What was reworded does not come twice: kept, it would take gigabytes within the hour.
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[text] = self._tokenizer.encode(text, add_special_tokens=False)
        return self._known[text]


def unmarked(tokenizer: Tokenizer) -> frozenset[int]:
    """Return the tokens that tell nothing when question and passage share them: function words, marks, endings."""
    return frozenset(
        number
        for text, number in tokenizer.get_vocab().items()
        if text in FUNCTION_WORDS or not text.strip("#").isalnum() or (text.startswith("##") and len(text) < 5)
    )


def _window(lengths: Sequence[int], focus: int, budget: int, chance: random.Random | None) -> tuple[int, int]:
    """Choose a run of sentences around the focus, within the budget."""
    first = last = focus
    total = lengths[focus]
    while True:
        sides = [n for n in (first - 1, last + 1) if 0 <= n < len(lengths) and total + lengths[n] <= budget]
        if not sides:
            return first, last
        side = chance.choice(sides) if chance else sides[0]
        total += lengths[side]
        first, last = min(first, side), max(last, side)


def collate(rows: Sequence[Row]) -> Batch:
    """Pad rows to one batch; all of them questions, or all claims."""
    width, most = _stepped(max(len(r.ids) for r in rows)), max(len(r.holds) for r in rows)

    def padded(lists: list[list[int]], length: int, fill: int) -> torch.Tensor:
        return torch.tensor([[*x, *[fill] * (length - len(x))] for x in lists])

    return Batch(
        padded([r.ids for r in rows], width, 0),
        padded([[1] * len(r.ids) for r in rows], width, 0),
        padded([r.types for r in rows], width, 0),
        padded([r.sentence for r in rows], width, -1),
        padded([r.answer for r in rows], width, 0).bool(),
        padded([r.holds for r in rows], most, 0).bool(),
        padded([[1] * len(r.holds) for r in rows], most, 0).bool(),
        torch.tensor([[*r.first, *[(0.0, 0.0)] * (most - len(r.first))] for r in rows]),
        rows[0].claim,
    )


def epoch(
    examples: Sequence[Example], near: Sequence[Sequence[int]], names: Sequence[str], chance: random.Random
) -> list[Example]:
    """Draw the examples of one pass: about as many that are answered as not."""
    drawn: list[Example] = []
    for example, others in zip(examples, near, strict=True):
        whole, part = divmod(OFTEN.get(example.source, 1.0), 1)
        for _ in range(int(whole) + (chance.random() < part)):
            if not example.answered or example.heads:
                drawn.append(example)
                continue
            both = exchanged_both(example, names, chance) if chance.random() < 0.12 else None
            drawn.append(both or example)
            drawn += [made for made in _spoiled(example, examples, others, names, chance) if made]
    chance.shuffle(drawn)
    return drawn


def _spoiled(
    example: Example,
    examples: Sequence[Example],
    others: Sequence[int],
    names: Sequence[str],
    chance: random.Random,
) -> Iterator[Example | None]:
    if chance.random() < 0.2:
        yield without_answer(example)
    if chance.random() < 0.3 and others:
        yield elsewhere(example, examples[chance.choice(others)], chance)
    if chance.random() < 0.4:
        yield exchanged_question(example, names, chance)
    if chance.random() < 0.15:
        yield exchanged_passage(example, names, chance)


def batches(examples: Sequence[Example], encoder: Encoder, tokens: int, chance: random.Random) -> Iterator[Batch]:
    """Yield batches of about `tokens` tokens, of rows of like length, in random order.

    Their widths are multiples of `STEP`, and those of a width have as many rows: for each new shape the engine prepares
    itself anew.
    """
    for begin in range(0, len(examples), 2_000):
        rows = sorted((encoder.row(e, chance) for e in examples[begin : begin + 2_000]), key=lambda r: -len(r.ids))
        groups: list[list[Row]] = []
        while rows:
            count = max(tokens // _stepped(len(rows[0].ids)), 1)
            groups.append(rows[:count])
            rows = rows[count:]
        chance.shuffle(groups)
        yield from (collate(group) for group in groups)


def _stepped(width: int) -> int:
    return -(-width // STEP) * STEP
