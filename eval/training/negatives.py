"""Questions that a passage seems to answer and does not: what teaches a model to refuse.

A passage without its answer, the nearest passage of another text, a question whose name, number or turn of meaning
was exchanged. The same exchange made in question *and* passage keeps the answer, so that an exchanged name is no
sign of anything by itself.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from eval.training.data import Example
from rag.facts import FUNCTION_WORDS, terms

OWN = ("own", "dossier", "misplaced", "plain", "beside")
_NAME = re.compile(r"\b[A-Z][\w'’-]+(?:\s+(?:(?:of|the|de|and)\s+)?[A-Z][\w'’-]+){0,3}")
_NUMBER = re.compile(r"\b\d{1,4}\b")
_PAIRS = """first:last first:second largest:smallest highest:lowest oldest:newest most:least more:fewer
before:after increase:decrease increased:decreased rise:fall rose:fell north:south northern:southern east:west
eastern:western win:lose won:lost born:died founded:dissolved began:ended begin:end start:end started:ended open:close
opened:closed early:late earlier:later maximum:minimum best:worst male:female father:mother son:daughter
brother:sister husband:wife king:queen ally:enemy allies:enemies support:oppose supported:opposed allow:prohibit
allowed:prohibited accept:reject accepted:rejected include:exclude included:excluded import:export imports:exports
buy:sell bought:sold enter:leave entered:left join:leave joined:left above:below inside:outside internal:external
domestic:foreign public:private legal:illegal positive:negative strong:weak stronger:weaker hot:cold high:low
large:small long:short fast:slow upper:lower cause:prevent caused:prevented create:destroy created:destroyed
attack:defend attacked:defended victory:defeat succeed:fail succeeded:failed only:never always:never all:none
common:rare popular:unpopular known:unknown used:avoided can:cannot is:isn't are:aren't was:wasn't were:weren't
did:didn't does:doesn't""".split()
ANTONYMS: dict[str, list[str]] = {}
for _pair in _PAIRS:
    _one, _other = _pair.split(":")
    ANTONYMS.setdefault(_one, []).append(_other)
    if "n't" not in _other and _one != "can":
        ANTONYMS.setdefault(_other, []).append(_one)


def without_answer(example: Example) -> Example | None:
    """Take the sentences that hold the answer out of the passage."""
    stay = [i for i in range(len(example.sentences)) if i not in example.holds]
    kept = tuple(example.sentences[i] for i in stay)
    text = " ".join(kept).lower()
    if not kept or any(len(answer) > 2 and answer in text for answer in example.answer_texts()):
        return None
    origins = tuple(example.origins[i] for i in stay)
    return _unanswered(replace(example, sentences=kept, origins=origins, focus=min(example.focus, len(kept) - 1)))


def elsewhere(example: Example, other: Example, chance: random.Random) -> Example:
    """Ask the question of another passage."""
    focus = chance.randrange(len(other.sentences))
    return _unanswered(replace(other, question=example.question, asked=example.asked, focus=focus))


def exchanged_question(example: Example, names: Sequence[str], chance: random.Random) -> Example | None:
    """Put another name or number, or the opposite, into the question."""
    ways = [_other_name, _other_number, _opposite]
    chance.shuffle(ways)
    for way in ways:
        question = way(example, names, chance)
        if question:
            return _unanswered(replace(example, question=question))
    return None


def exchanged_passage(example: Example, names: Sequence[str], chance: random.Random) -> Example | None:
    """Put another name into the passage for one that the question asks about."""
    made = exchanged_both(example, names, chance)
    return _unanswered(replace(made, question=example.question)) if made else None


def exchanged_both(example: Example, names: Sequence[str], chance: random.Random) -> Example | None:
    """Put another name into question and passage: the answer stands."""
    text = " ".join(example.sentences)
    asked = [n for n in _asked_names(example) if re.search(rf"\b{re.escape(n)}\b", text, re.I)]
    if not asked:
        return None
    name = chance.choice(asked)
    other = _like(name, names, chance)
    answers = [example.sentences[i][a:b] for i, a, b in example.answer]
    if any(name.lower() in a.lower() for a in answers if a not in example.sentences) or other.lower() in text.lower():
        return None

    def swap(part: str) -> str:
        return re.sub(rf"\b{re.escape(name)}\b", lambda _: other, part, flags=re.I)

    swapped = tuple(map(swap, example.sentences))
    placed = []
    for (i, a, b), answer in zip(example.answer, answers, strict=True):
        whole = (a, b) == (0, len(example.sentences[i]))
        at = 0 if whole else swapped[i].find(answer, max(0, a - 60))
        placed.append((i, max(at, 0), len(swapped[i]) if whole or at < 0 else at + len(answer)))
    return replace(
        example,
        question=swap(example.question),
        title=swap(example.title),
        sentences=swapped,
        answer=tuple(placed),
    )


def name_pool(examples: Sequence[Example]) -> list[str]:
    """Collect the names that stand in the passages, to exchange others for."""
    texts = {" ".join(e.sentences) for e in examples}
    found = {n for text in texts for n in _names(text)}
    return sorted(found)


def _unanswered(example: Example) -> Example:
    return replace(example, holds=frozenset(), answer=())


def _names(text: str) -> set[str]:
    """Return runs of capitalised words; a single one must not open a sentence, where any word has a capital."""
    found = set()
    for match in _NAME.finditer(text):
        name = match[0]
        opens = match.start() == 0 or text[: match.start()].rstrip()[-1:] in ".!?\"'`"
        if len(name) > 2 and name.split()[0].lower() not in FUNCTION_WORDS and not (opens and " " not in name):
            found.add(name)
    return found


def _asked_names(example: Example) -> list[str]:
    """Return the names of the question, whether or not it has capitals; the passage says what is a name."""
    known = _names(" ".join(example.sentences)) | _names(f"about {example.title}")
    question = example.question
    if example.source != "plain":  # Such a one names what is elsewhere: with another name there it may as well hold.
        known |= _names(question)
    return sorted(n for n in known if re.search(rf"\b{re.escape(n)}\b", question, re.I))


def _like(name: str, names: Sequence[str], chance: random.Random) -> str:
    """Choose another name with as many words, if one of some drawn has."""
    drawn = [chance.choice(names) for _ in range(20)]
    same = [n for n in drawn if n.count(" ") == name.count(" ")]
    return chance.choice(same or drawn)


def _other_name(example: Example, names: Sequence[str], chance: random.Random) -> str | None:
    asked = _asked_names(example)
    if not asked:
        return None
    name = chance.choice(asked)
    held = " ".join(example.sentences[i] for i in example.holds).lower()
    near = [n for n in sorted(_names(" ".join(example.sentences))) if n.lower() not in held]
    near = [n for n in near if n.lower() not in example.question.lower() and n not in name and name not in n]
    other = chance.choice(near) if near and chance.random() < 0.5 else _like(name, names, chance)
    if other.lower() in held:
        return None
    other = other.lower() if example.question.islower() else other
    return re.sub(rf"\b{re.escape(name)}\b", lambda _: other, example.question, flags=re.I)


def _other_number(example: Example, names: Sequence[str], chance: random.Random) -> str | None:
    asked = list(_NUMBER.finditer(example.question))
    if example.source == "plain":
        seen = {*_NUMBER.findall(" ".join((example.title, *example.sentences)))}
        asked = [m for m in asked if m[0] in seen]
    if not asked:
        return None
    match = chance.choice(asked)
    value = int(match[0])
    near = [n for n in _NUMBER.findall(" ".join(example.sentences)) if len(n) == len(match[0]) and n != match[0]]
    step = chance.choice([-20, -10, -5, -3, -2, -1, 1, 2, 3, 5, 10, 20])
    other = chance.choice(near) if near and chance.random() < 0.4 else str(max(value + step, 1))
    if other == match[0]:
        return None
    return example.question[: match.start()] + other + example.question[match.end() :]


def _opposite(example: Example, names: Sequence[str], chance: random.Random) -> str | None:
    found = [m for m in re.finditer(r"[A-Za-z']+", example.question) if m[0].lower() in ANTONYMS and m.start() > 0]
    meant = [m for m in found if not any("n't" in o for o in ANTONYMS[m[0].lower()])]
    # A plain "not" is the least natural of the exchanges: it is used where there is no other, and seldom.
    if not meant and (not found or chance.random() < 0.6):
        return None
    match = chance.choice(meant or found)
    return (
        example.question[: match.start()] + chance.choice(ANTONYMS[match[0].lower()]) + example.question[match.end() :]
    )


def nearest(examples: Sequence[Example], count: int) -> list[list[int]]:
    """Return for each example those whose passages share most of its question's words and do not answer it (BM25).

    A passage that holds the words of the answer, or that is of the same article, may well answer and is left out.
    Our own questions on articles and dossiers come with other parts of them, and get none.
    """
    passages: dict[str, int] = {}
    for number, example in enumerate(examples):
        if example.heads:
            continue
        passages.setdefault(" ".join(example.sentences), number)
    texts, firsts = list(passages), list(passages.values())
    postings = _postings([f"{examples[n].title}\n{text}" for text, n in passages.items()])
    found: list[list[int]] = []
    for example in examples:
        if example.source in OWN:
            found.append([])
            continue
        scores = np.zeros(len(texts), np.float32)
        for term in set(terms(example.question)) & postings.keys():
            rows, weights = postings[term]
            scores[rows] += weights
        answers = {a for a in example.answer_texts() if len(a) > 1}
        own = " ".join(example.sentences)
        near: list[int] = []
        for row in np.argsort(-scores)[:40].tolist():
            other = examples[firsts[row]]
            same = texts[row] == own or (example.source != "squad" and other.title == example.title != "")
            if not same and not any(a in texts[row].lower() for a in answers):
                near.append(firsts[row])
        found.append(near[:count])
    return found


def _postings(texts: Sequence[str]) -> dict[str, tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Return for each term the texts that hold it and its BM25 weight in each (k1 = 1.2, b = 0.75)."""
    counts = [Counter(terms(text)) for text in texts]
    lengths = np.array([sum(c.values()) for c in counts], np.float32)
    held: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row, count in enumerate(counts):
        for term, times in count.items():
            held[term].append((row, times))
    postings = {}
    for term, pairs in held.items():
        rows, often = np.array([r for r, _ in pairs]), np.array([t for _, t in pairs], np.float32)
        rarity = np.log(1 + (len(texts) - len(pairs) + 0.5) / (len(pairs) + 0.5))
        norm = 1.2 * (0.25 + 0.75 * lengths[rows] / lengths.mean())
        postings[term] = (rows, (rarity * often * 2.2 / (often + norm)).astype(np.float32))
    return postings
