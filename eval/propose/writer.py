"""A chat model writes questions of sentences; what it writes is checked as strictly as what the forms make.

Small models do badly at it: SmolLM2-135M, asked to turn seven sentences into questions, wrote one that the sentence
answers. So no model is the default, and a larger one is worth naming.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from eval.propose.checks import adds_nothing
from eval.propose.clauses import TIME
from eval.propose.drafts import Draft
from eval.propose.lexicon import names_in
from prompts import load
from rag.models import ChatModel

PROMPT = "propose-question"
MOST_TOKENS = 60
_NUMBER = re.compile(
    r"(?<![\w.,])(?:[$€£]\s?)?\d[\d,]*(?:\.\d+)?(?: ?%| per ?cent| (?:million|billion|trillion))?(?![\w,.]\d)"
)


class Writer:
    """Asks a chat model for a question whose answer is a date, a number or a name of a sentence."""

    def __init__(self, model: ChatModel, *, prompts: Path | None = None, seed: int = 0) -> None:
        self._model = model
        self._prompt = load(PROMPT, prompts)
        self._seed = seed

    def drafts(self, sentence: str, title: str) -> list[Draft]:
        """Return a question on each of the first facts of a sentence that the model can ask for.

        Raises:
            ModelError: when the model fails.
        """
        return [draft for type_, answer in _facts(sentence) if (draft := self._draft(sentence, title, type_, answer))]

    def _draft(self, sentence: str, title: str, type_: str, answer: str) -> Draft | None:
        messages = self._prompt.render(title=title, sentence=sentence, answer=answer)
        said = "".join(self._model.stream(messages, max_tokens=MOST_TOKENS, temperature=0.0, seed=self._seed))
        question = " ".join(said.split()).removeprefix("Question:").strip().strip('"').strip()
        return Draft(question, answer, type_, ((answer,),)) if adds_nothing(question, [sentence, title]) else None


def _facts(sentence: str) -> Iterator[tuple[str, str]]:
    """Yield at most one date, one number and one name of a sentence."""
    if time := TIME.search(sentence):
        yield "date", time[0].split(" ", 1)[1]
    elif number := _NUMBER.search(sentence):
        yield "number", number[0]
    if names := names_in(sentence):
        yield "factoid", names[0]
