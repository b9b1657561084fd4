"""Questions with the passages that answer them, or do not: read from the public sets in a folder.

Every passage is a run of sentences, for the model judges sentences in their context. Which SQuAD articles are for
training and which for development is fixed here, so that no figure is ever taken from what was trained on.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zlib import crc32

from index.sentences import sentences
from rag.facts import terms
from rag.reader import brief_heading, heading

TRAINING_ARTICLES = 7
"""Articles of the SQuAD part, from the first, that are trained on; the others are for development."""
QUESTIONS = Path(__file__).parent / "questions.jsonl"
"""Questions of our own on articles of the web, answered or nearly so; the articles are read from the user's folder."""
ESSAYS = Path(__file__).parent / "essays.jsonl"
"""Essays of our own with questions on them: reports, columns, interviews, speeches."""
SPARED = 6
"""About each so many-th article and essay is not trained on; its name says which, so that more can be added."""
PART = 8
"""Sentences of a part of an article."""
LIKE = 2
"""Parts of an essay that are like the question and do not answer it."""


@dataclass(frozen=True)
class Example:
    """A question and a passage.

    `holds` are the sentences that hold the answer, empty when none does. `answer` is where its words stand: sentence,
    start and end within it; when that is not known, the whole of each sentence counts. `focus` is a sentence that a
    window of the passage must keep, though it may not answer. `asked` and `origins` are the question and the sentences
    as the set has them, before anything was exchanged in them.
    """

    question: str
    title: str
    sentences: tuple[str, ...]
    holds: frozenset[int]
    answer: tuple[tuple[int, int, int], ...]
    focus: int
    source: str
    asked: str
    origins: tuple[str, ...]
    heads: tuple[str, ...] = ()
    """Where the sentences are from several places: what stands before each and is none of it, mostly nothing."""

    @property
    def answered(self) -> bool:
        """Say whether the passage holds the answer."""
        return bool(self.holds)

    def answer_texts(self) -> set[str]:
        """Return the words of the answer, in lower case; none for a set that marks only sentences."""
        return {self.sentences[i][a:b].lower() for i, a, b in self.answer if (a, b) != (0, len(self.sentences[i]))}


def read_training(folder: Path) -> list[Example]:
    """Read everything that is trained on."""
    return [
        *read_qed(folder / "training" / "qed-train.jsonl.gz"),
        *read_selqa(folder / "training" / "selqa-ass-dev.json"),
        *read_selqa(folder / "training" / "selqa-ass-test.json"),
        *read_squad(folder / "squad2" / "squad2-dev-part.json", development=False),
        *read_own(folder, development=False),
        *read_essays(development=False),
    ]


def read_development(folder: Path) -> list[Example]:
    """Read the SQuAD articles that are not trained on."""
    return list(read_squad(folder / "squad2" / "squad2-dev-part.json", development=True))


@dataclass(frozen=True)
class OwnQuestion:
    """A question of our own: the name of its article or essay, the sentences that answer it, and the one that seems to.

    `spared` questions, all of an article or none, are not trained on. What a `plain` one asks about is named in another
    part of the text than what answers it, or by its title or date.
    """

    article: str
    question: str
    holds: tuple[int, ...]
    focus: int
    spared: bool
    plain: bool = False


def own_questions() -> list[OwnQuestion]:
    """Return our own questions."""
    rows = [json.loads(line) for line in _lines(QUESTIONS)]
    return [OwnQuestion(r["article"], r["question"], tuple(r["holds"]), r["focus"], spared(r["article"])) for r in rows]


def own_articles(folder: Path) -> dict[str, list[str]]:
    """Return the sentences of each article that our questions are about, by the article's name."""
    wanted = {asked.article for asked in own_questions()}
    pages = json.loads((folder / "html" / "ground-truth.json").read_text(encoding="utf-8"))
    found = {}
    for key, page in pages.items():
        text = page["articleBody"]
        if key[:12] in wanted:
            found[key[:12]] = [" ".join(text[s.start : s.end].split()) for s in sentences(text)]
    for line in _lines(folder / "classic_ir" / "time" / "corpus.jsonl"):
        row = json.loads(line)
        # All in capitals, with a space before each stop: in small letters, so that no word passes for a name.
        if f"time-{row['_id']}" in wanted:
            found[f"time-{row['_id']}"] = [f"{part.strip().lower()}." for part in row["text"].split(" . ")]
    return found


@dataclass(frozen=True)
class Essay:
    """An essay of our own, its paragraphs as ranges of sentences, and the questions on it."""

    name: str
    title: str
    author: str
    date: str
    sentences: tuple[str, ...]
    paragraphs: tuple[range, ...]
    questions: tuple[OwnQuestion, ...]

    @property
    def spared(self) -> bool:
        """Say whether it is not trained on."""
        return spared(self.name)

    @property
    def heading(self) -> str:
        """Return what the model is told of the text with each of its passages."""
        return heading(self.title, self.author, self.date)

    @property
    def brief(self) -> str:
        """Return the same in a few words."""
        return brief_heading(self.title, self.author, self.date)

    @property
    def text(self) -> str:
        """Return it as it would stand in a file, an empty line between paragraphs."""
        return "\n\n".join(" ".join(self.sentences[i] for i in part) for part in self.paragraphs)


def own_essays() -> list[Essay]:
    """Return our own essays."""
    return [read_essay(json.loads(line)) for line in _lines(ESSAYS)]


def read_essay(row: dict[str, Any]) -> Essay:
    """Return an essay from its line in the file."""
    starts, sentences = row["paragraphs"], tuple(row["sentences"])
    paragraphs = tuple(range(a, b) for a, b in zip(starts, [*starts[1:], len(sentences)], strict=True))
    asked = [
        OwnQuestion(
            row["id"], q["question"], tuple(q["holds"]), q["focus"], spared(row["id"]), q.get("type") == "plain"
        )
        for q in row["questions"]
    ]
    return Essay(row["id"], row["title"], row["author"], row["date"], sentences, paragraphs, tuple(asked))


def spared(name: str) -> bool:
    """Say whether the article, essay or dossier of a name is not trained on."""
    return crc32(name.encode()) % SPARED == 0


def read_essays(*, development: bool) -> Iterator[Example]:
    """Yield the questions of our own essays, each with the sentences around its answer or what seems to be one.

    Each comes again, with those parts of its essay that hold most of its words and not the answer.
    """
    for essay in own_essays():
        if essay.spared is not development:
            continue
        parts, count = list(essay.sentences), len(essay.sentences)
        for asked in essay.questions:
            first = max(0, min(asked.focus - PART // 2, count - PART))
            around = _part(asked.question, parts, asked.holds, asked.focus, range(first, first + PART), essay.heading)
            yield replace(around, source="plain") if asked.plain else around
            others = [range(i, i + PART) for i in range(0, count - PART + 1, PART // 2)]
            others = [o for o in others if asked.focus not in o and not set(asked.holds) & set(o)]
            others.sort(key=lambda o: -_shared(asked.question, [parts[i] for i in o]))
            for chosen in others[:LIKE]:
                focus = max(chosen, key=lambda i: _shared(asked.question, [parts[i]]))
                yield _part(asked.question, parts, (), focus, chosen, essay.heading)


def _shared(question: str, parts: Sequence[str]) -> int:
    return len(set(terms(question)) & set(terms(" ".join(parts))))


def read_own(folder: Path, *, development: bool) -> Iterator[Example]:
    """Yield our own questions, each with the part of its article where the answer is or seems to be, and another.

    They are put in other words than the article's, and those without an answer are put in its words: the public sets
    have too little of either.
    """
    texts = own_articles(folder)
    for asked in own_questions():
        if asked.spared is not development:
            continue
        parts, holds, focus = texts[asked.article], asked.holds, asked.focus
        first = max(0, min(focus - PART // 2, len(parts) - PART))
        yield _part(asked.question, parts, holds, focus, range(first, min(first + PART, len(parts))))
        others = [i for i in range(0, len(parts) - PART // 2, PART) if not set(holds) & set(range(i, i + PART))]
        if others:
            chosen = others[len(asked.question) % len(others)]
            yield _part(asked.question, parts, (), chosen, range(chosen, min(chosen + PART, len(parts))))


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _part(question: str, parts: list[str], holds: Sequence[int], focus: int, chosen: range, title: str = "") -> Example:
    """Make an example of some sentences of an article."""
    first = chosen.start
    inside = [i - first for i in holds if i in chosen]
    texts = tuple(parts[i] for i in chosen)
    whole = tuple((i, 0, len(texts[i])) for i in inside)
    source = "essay" if title else "own"
    return Example(question, title, texts, frozenset(inside), whole, focus - first, source, question, texts)


def read_squad(path: Path, *, development: bool) -> Iterator[Example]:
    """Yield the questions of some articles of a SQuAD 2.0 file, the adversarially unanswerable ones with them."""
    articles: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["data"]
    chosen = articles[TRAINING_ARTICLES:] if development else articles[:TRAINING_ARTICLES]
    for article in chosen:
        for paragraph in article["paragraphs"]:
            text = paragraph["context"]
            spans = [(s.start, s.end) for s in sentences(text, "en")]
            for asked in paragraph["qas"]:
                answers = _located(asked["answers"])
                plausible = _located(asked.get("plausible_answers", []))
                title = article["title"].replace("_", " ")
                yield _example(asked["question"], title, text, spans, answers, plausible, "squad")


def read_qed(path: Path) -> Iterator[Example]:
    """Yield the questions of QED: what people typed into a search box, with a paragraph of Wikipedia."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            text, starts = row["paragraph_text"], row["sentence_starts"] or [0]
            spans = list(zip(starts, [*starts[1:], len(text)], strict=True))
            answers = [(a, b) for a, b in row["answer_spans"]]
            yield _example(row["question_text"], row["title_text"], text, spans, answers, [], "qed")


def read_selqa(path: Path) -> Iterator[Example]:
    """Yield the questions of SelQA with the section of Wikipedia whose sentences are the candidates."""
    for row in json.loads(path.read_text(encoding="utf-8")):
        yield _marked(row["question"], row["article"], row["candidates"], row["answers"], "selqa")


def _located(answers: list[dict[str, Any]]) -> list[tuple[int, int]]:
    return [(a["answer_start"], a["answer_start"] + len(a["text"])) for a in answers]


def _example(
    question: str,
    title: str,
    text: str,
    spans: list[tuple[int, int]],
    answers: list[tuple[int, int]],
    plausible: list[tuple[int, int]],
    source: str,
) -> Example:
    """Make an example of offsets into a text; an answer belongs to the sentence in which it begins."""
    parts = [text[a:b].rstrip() for a, b in spans]
    placed = []
    for start, end in answers:
        number = _holder(spans, start)
        placed.append((number, start - spans[number][0], min(end, spans[number][1]) - spans[number][0]))
    focus = _holder(spans, (answers or plausible or [(0, 0)])[0][0])
    return Example(
        question.strip(),
        title,
        tuple(parts),
        frozenset(i for i, _, _ in placed),
        tuple(placed),
        focus,
        source,
        question.strip(),
        tuple(parts),
    )


def _holder(spans: list[tuple[int, int]], offset: int) -> int:
    return max((i for i, (start, _) in enumerate(spans) if start <= offset), default=0)


def _marked(question: str, title: str, candidates: list[str], holds: list[int], source: str) -> Example:
    whole = tuple((i, 0, len(candidates[i])) for i in holds)
    focus = holds[0] if holds else 0
    question, parts = question.strip(), tuple(candidates)
    return Example(question, title, parts, frozenset(holds), whole, focus, source, question, parts)
