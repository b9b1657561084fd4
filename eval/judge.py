"""A chat model as a second opinion: asked in two ways whether an answer is right, and held against itself and us.

It is never the only figure: it is shown beside those that are counted, with how often its two verdicts agree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from eval import metrics
from eval.formats import Item
from eval.scoring import right
from prompts import Prompt, fence_for, load
from rag.errors import ModelError, RagError
from rag.models import ChatModel, model_options, open_model
from rag.types import Answer

if TYPE_CHECKING:
    from eval.run import Judge
    from rag.settings import Settings

VERDICTS = {"judge-answer": ("RIGHT", "WRONG"), "judge-difference": ("SAME", "DIFFERENT")}
"""The prompts, and the words for yes and no that each asks for."""

NO_ANSWER = "The documents do not say."
"""What is expected where the set expects no answer."""

REPLY_TOKENS = 64
"""Room for a word, and for the sentence that some models put around it."""


class PriceError(RagError):
    """A price that cannot be understood."""

    exit_code = 2


class ModelJudge:
    """Asks a model about each answer, by both prompts; a model that gives no verdict is asked no second time."""

    def __init__(self, model: ChatModel, folder: Path | None = None, seed: int = 0) -> None:
        self._model = model
        self._prompts = {name: load(name, folder) for name in VERDICTS}
        self._seed = seed

    def scores(self, item: Item, answer: Answer) -> dict[str, float]:
        """Return the share of verdicts that say right, whether both agree, and how far they agree with ours.

        Nothing where the set holds no answer. A prompt that got no verdict is left out of the share, and then the
        two do not agree.
        """
        if item.answerable and not item.answer:
            return {}
        given = [self._verdict(name, item, answer) for name in VERDICTS]
        told = [verdict for verdict in given if verdict is not None]
        scores = {"judge_agreement": float(len(told) == len(given) and len(set(told)) == 1)}
        if told:
            scores["judge_right"] = sum(told) / len(told)
            ours = right(item, answer)
            if ours is not None:
                scores["judge_matches"] = sum(verdict == bool(ours) for verdict in told) / len(told)
        return scores

    def _verdict(self, name: str, item: Item, answer: Answer) -> bool | None:
        texts = item.question, _expected(item), metrics.plain(answer.answer)
        fence = fence_for(*texts)
        return read_verdict(self._reply(self._prompts[name], fence, texts), *VERDICTS[name])

    def _reply(self, prompt: Prompt, fence: str, texts: tuple[str, str, str]) -> str:
        question, expected, answer = texts
        messages = prompt.render(fence=fence, question=question, expected=expected, answer=answer)
        pieces = self._model.stream(messages, max_tokens=REPLY_TOKENS, temperature=0.0, seed=self._seed)
        return "".join(pieces)


def _expected(item: Item) -> str:
    if not item.answer:
        return NO_ANSWER
    also = f" (also: {'; '.join(item.aliases)})" if item.aliases else ""
    refusal = " To say that the documents do not say is right too." if item.type == "false-premise" else ""
    return item.answer + also + refusal


def read_verdict(reply: str, yes: str, no: str) -> bool | None:
    """Return the verdict of a reply: the one of two words that is in it; None where neither is, or both are."""
    words = set(re.findall(r"[a-z]+", reply.lower()))
    said = [word.lower() in words for word in (yes, no)]
    return said[0] if said[0] != said[1] else None


def judges(settings: Settings, name: str | None, price: str | None) -> Judge | None:
    """Return what gives an answer further scores: a judging model, the price of its tokens, both, or nothing.

    Raises:
        ModelError: when the name is of no model that can be used here.
        PriceError: when the price cannot be understood.
    """
    prices = parse_prices(price) if price else {}
    judge = ModelJudge(_open(settings, name), settings.prompts, settings.seed) if name else None
    if not judge and not prices:
        return None

    def scores(item: Item, answer: Answer) -> Mapping[str, float]:
        found = judge.scores(item, answer) if judge else {}
        cost = metrics.price(answer.trace.tokens, prices) if prices else None
        return found | ({} if cost is None else {"price": cost})

    return scores


def _open(settings: Settings, name: str) -> ChatModel:
    model = open_model(name, model_options(settings))
    if model is None:
        raise ModelError(f"--judge {name}: it writes nothing, so it cannot judge. Name a model, such as openai:NAME.")
    return model


def parse_prices(text: str) -> dict[str, float]:
    """Read prices of a million tokens by kind, such as "prompt=0.15,draft=0.6".

    Raises:
        PriceError: when a part is no name with a number of 0 or more.
    """
    prices = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        kind, _, value = (x.strip() for x in part.partition("="))
        if not re.fullmatch(r"\d+(\.\d+)?", value) or not kind:
            raise PriceError(f"--price {part!r}: expected KIND=NUMBER for a million tokens, such as draft=0.6")
        prices[kind] = float(value)
    return prices
