"""A draft is written: by picking sentences (extractive), or by a chat model that is shown the evidence.

What comes out is a draft only. Nothing here is trusted: every sentence goes on to attribution and verification.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing

from index.sentences import sentences
from prompts import Message, Prompt, Quoted, fence_for, fenced, load
from rag.evidence import Evidence
from rag.models import ChatModel, Record, Reply, ReplyError, stream_fitting
from rag.models.base import Size, plain, prompt_for
from rag.retrieve import Candidate
from rag.settings import Settings
from rag.types import EvidenceSentence

CONTEXT: dict[Size, int] = {"tiny": 220, "small": 400}
"""Tokens of text for small models: they lose themselves in more, and on a laptop read some 150 a second."""


def compose(
    question: str,
    evidence: Evidence,
    model: ChatModel | None,
    settings: Settings,
    record: Record | None = None,
    *,
    own: Sequence[EvidenceSentence] = (),
    brief: bool = False,
) -> Generator[str]:
    """Yield the sentences of a draft as they are written; none when the model says that the text does not answer.

    `own` are the sentences of an extractive draft. Of a model that is to be brief only the first sentence is taken.

    Of a reply that breaks off or is cut off its whole sentences are the draft. One that is empty or declined leaves
    the extractive draft. The record is filled with how the reply came about.
    """
    if model is None:
        yield from (s.text for s in own)
        return
    record = record if record is not None else Record()
    begun = False
    prompt = load(prompt_for(model.size), settings.prompts)
    with closing(_reply(prompt, question, evidence, model, settings)) as reply:
        try:
            for sentence in _split(reply, lambda _: reply.record.finish == "length"):
                if begun and brief:
                    return
                begun = True
                if prompt.refusal and _same(sentence, prompt.refusal):
                    return
                yield sentence
        except ReplyError as error:
            reply.record.notes.append(str(error))
        finally:
            record.take(reply.record)
    if not begun:
        yield from (s.text for s in own)


def _reply(prompt: Prompt, question: str, evidence: Evidence, model: ChatModel, settings: Settings) -> Reply:
    return stream_fitting(
        model,
        lambda room: _messages(prompt, question, evidence, model, room),
        min(settings.context_tokens, CONTEXT.get(model.size, settings.context_tokens)),
        max_tokens=settings.max_tokens,
        temperature=settings.temperature,
        seed=settings.seed,
    )


def _messages(prompt: Prompt, question: str, evidence: Evidence, model: ChatModel, room: int) -> Sequence[Message]:
    if plain(model.size):
        return prompt.render(passages=_excerpt(evidence, model.count, room), question=question)
    quotes = [_quoted(c) for c in _fitting(evidence.passages, model.count, room)]
    shown = (part for q in quotes for part in (q.text, q.title, q.author, q.date))
    fence = fence_for(question, *(part for part in shown if part))
    return prompt.render(passages=fenced(quotes, fence), fence=fence, question=question)


def _quoted(candidate: Candidate) -> Quoted:
    return Quoted(candidate.hit.text, candidate.title, candidate.author, candidate.date)


def _fitting(passages: Sequence[Candidate], count: Callable[[str], int], room: int) -> list[Candidate]:
    """Return the best passages that fit into so many tokens, in the order of their documents."""
    taken: list[Candidate] = []
    for candidate in passages:
        room -= count(candidate.hit.text) + 40
        if taken and room < 0:
            break
        taken.append(candidate)
    first_of = {c.hit.document: i for i, c in reversed(list(enumerate(taken)))}
    return sorted(taken, key=lambda c: (first_of[c.hit.document], c.hit.start))


def _excerpt(evidence: Evidence, count: Callable[[str], int], room: int) -> str:
    """Return the best sentences, each with its passage's sentences before and after it, in reading order."""
    order = {(s.passage, s.start): s for s in sorted(evidence.sentences, key=lambda s: (s.passage, s.start))}
    keys = list(order)
    chosen: set[int] = set()
    # Of a question that asks several things, each is to be answered: its best sentence comes before the others.
    first = [s for s in evidence.sides if (s.passage, s.start) in order]
    for sentence in dict.fromkeys([*evidence.sentences[:1], *first, *evidence.sentences]):
        place = keys.index((sentence.passage, sentence.start))
        near = {
            i for i in (place - 1, place, place + 1) if 0 <= i < len(keys) and keys[i][0] == sentence.passage
        } - chosen
        room -= sum(count(order[keys[i]].text) for i in near)
        if chosen and room < 0:
            break
        chosen |= near
    return " ".join(order[keys[i]].text for i in sorted(chosen))


def _split(pieces: Iterator[str], cut_off: Callable[[str], bool] = lambda _: False) -> Iterator[str]:
    """Yield whole sentences out of a stream of pieces, without markers and Markdown.

    The rest of a reply that was cut off at its longest is no sentence: half of one may say the opposite of the whole.
    """
    text = rest = ""
    for piece in pieces:
        text, rest = text + piece, rest + piece
        # The last sentence may still go on; those before it are whole.
        if done := sentences(rest)[:-1]:
            yield from (cleaned for s in done if (cleaned := _plain(rest[s.start : s.end])))
            rest = rest[done[-1].end :]
    if not rest.rstrip("\"'”’)]* ").endswith((".", "!", "?", "。", "！", "？")) and cut_off(text):
        return
    yield from (cleaned for s in sentences(rest) if (cleaned := _plain(rest[s.start : s.end])))


_MARKER = re.compile(r"\s*\[\d+(?:\s*[,;]\s*\d+)*\]")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
"""Shown as Markdown it would be fetched: its address can carry the question to whoever wrote the document."""
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKDOWN = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+|\*\*|__|^#+\s*")
_LEAD = re.compile(
    r"^(?:according to the (?:text|passage|document)s?,?\s+|"
    r"(?:the|this) (?:text|passage|document)s? (?:says?|states?|mentions?|explains?|notes?) that\s+)(?=\S)",
    re.I,
)


def _plain(sentence: str) -> str:
    """Return a sentence without the model's own markers, list signs, emphasis and "the text says that"."""
    text = _MARKDOWN.sub("", _MARKER.sub("", _LINK.sub(r"\1", _IMAGE.sub("", sentence))))
    text = _LEAD.sub("", text)
    text = " ".join(text.split())
    return text[0].upper() + text[1:] if re.search(r"\w", text) else ""


def _same(sentence: str, refusal: str) -> bool:
    return sentence.lower().strip(" .!") == refusal.lower().strip(" .!")
