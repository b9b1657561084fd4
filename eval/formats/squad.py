"""SQuAD 1.1 and 2.0, and XQuAD, which is in the form of 1.1: questions on paragraphs of articles.

Each article is a document, its paragraphs in order. The evidence of a question is the sentence, or the sentences,
that hold an answer. https://rajpurkar.github.io/SQuAD-explorer/
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from eval.formats.lines import dotted
from eval.formats.source import digest, file_name, name_of, short
from eval.formats.types import Evidence, Item, QuestionSet, SetError, Text, unique
from index.sentences import sentences
from index.types import Sentence

_Words = Annotated[str, StringConstraints(pattern=r"\S")]


class _Answer(BaseModel):
    text: _Words
    answer_start: Annotated[int, Field(ge=0)]


class _Question(BaseModel):
    id: _Words
    question: _Words
    answers: list[_Answer]
    is_impossible: bool = False


class _Paragraph(BaseModel):
    context: _Words
    qas: list[_Question]


class _Article(BaseModel):
    title: str = ""
    paragraphs: list[_Paragraph]


class _Squad(BaseModel):
    data: list[_Article]


def load_squad(path: Path, data: bytes, value: dict[str, Any]) -> QuestionSet:
    """Return the set that the JSON data of a file in the form of SQuAD hold, with its articles.

    Raises:
        SetError: with a line for each problem and its place, such as `data[0].paragraphs[3].qas[1].answers`.
    """
    try:
        squad = _Squad.model_validate(value)
    except ValidationError as error:
        raise SetError(
            *(
                f"{path}, {dotted(p['loc'])}: {p['msg'][0].lower()}{p['msg'][1:]}, got {short(p['input'])}"
                for p in error.errors(include_url=False)
            )
        ) from error
    items: list[Item] = []
    texts: dict[str, Text] = {}
    problems: list[str] = []
    for a, article in enumerate(squad.data):
        title = article.title.replace("_", " ").strip() or f"article {a + 1}"
        name = file_name(title)
        name = name if name not in texts else file_name(f"{title} ({a + 1})")
        texts[name] = Text(name, "\n\n".join(p.context.strip() for p in article.paragraphs), title)
        for p, paragraph in enumerate(article.paragraphs):
            split = sentences(paragraph.context)
            for q, asked in enumerate(paragraph.qas):
                where = f"data[{a}].paragraphs[{p}].qas[{q}]"
                try:
                    items.append(_item(asked, paragraph.context, name, split, where))
                except ValueError as error:
                    problems.append(f"{path}, {where}{error}")
    if problems:
        raise SetError(*problems)
    return QuestionSet(name_of(path), unique(items, path), path, digest(data), texts=tuple(texts.values()))


def _item(asked: _Question, context: str, doc: str, split: Sequence[Sentence], where: str) -> Item:
    if asked.is_impossible:
        return Item(asked.id, asked.question.strip(), "unanswerable", "", (), (), (), where)
    if not asked.answers:
        raise ValueError(".answers: is empty, and the question is not marked is_impossible; expected an answer")
    answers = tuple(dict.fromkeys(answer.text.strip() for answer in asked.answers))
    quotes: Counter[str] = Counter()
    for n, answer in enumerate(asked.answers):
        start, end = answer.answer_start, answer.answer_start + len(answer.text)
        if context[start:end] != answer.text:
            found = context.find(answer.text)
            hint = f"stands at {found}" if found >= 0 else "is nowhere in the paragraph"
            stands = f"at {start} stands {short(context[start:end])}, not {short(answer.text)}"
            raise ValueError(f".answers[{n}].answer_start: {stands}, which {hint}")
        quotes[_around(context, start, end, split)] += 1
    # Annotators may have marked the same words elsewhere: where most of them did is the evidence.
    evidence = Evidence(doc, quotes.most_common(1)[0][0])
    return Item(asked.id, asked.question.strip(), "factoid", answers[0], answers[1:], (answers,), (evidence,), where)


def _around(context: str, start: int, end: int, split: Sequence[Sentence]) -> str:
    """Return the sentences that a span touches."""
    touched = [s for s in split if s.start < end and start < s.end]
    return context[min([start, *(s.start for s in touched)]) : max([end, *(s.end for s in touched)])]
