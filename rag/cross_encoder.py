"""Any cross-encoder of `sentence-transformers` as the evidence model: it scores a question with one text at a time.

Each sentence is scored together with the one before it, which often says who "he" is. Slower by far than our own
model, which reads all sentences of a passage at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from rag.errors import SettingsError
from rag.reader import LOWEST, PassageToRead, Reading

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

BATCH = 32


class CrossEncoderReader:
    """A cross-encoder of a folder or of Hugging Face. Loads at the first use."""

    def __init__(self, name: str, *, offline: bool = True) -> None:
        self.name = name
        self._offline = offline

    def prepare(self) -> None:
        """Do nothing: it loads when it reads."""

    def read(self, question: str, passages: Sequence[PassageToRead]) -> list[Reading]:
        """Score every sentence of every passage, in the order given.

        Raises:
            SettingsError: when the model cannot be loaded, or gives more than one number.
        """
        asked = question.encode("utf-8", "replace").decode()
        pairs = [(asked, _in_context(p, i)) for p in passages for i in range(len(p.sentences))]
        if not pairs:
            return [Reading(np.empty(0, np.float32), LOWEST) for _ in passages]
        from torch.nn import Identity

        found = self._model.predict(pairs, batch_size=BATCH, activation_fn=Identity(), show_progress_bar=False)
        scores = np.asarray(found, np.float32)
        readings, begin = [], 0
        for passage in passages:
            own = scores[begin : begin + len(passage.sentences)]
            begin += len(passage.sentences)
            readings.append(Reading(own, float(own.max(initial=LOWEST))))
        return readings

    def support(self, claim: str, text: str, title: str = "") -> float | None:
        """Return None: one that ranks texts for a question does not tell whether they support a claim."""
        return None

    @cached_property
    def _model(self) -> CrossEncoder:
        from sentence_transformers import CrossEncoder

        try:
            model = CrossEncoder(self.name, device="cpu", local_files_only=self._offline)
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"evidence_model = {self.name!r} cannot be loaded: {error}. Offline it must be a folder or have been "
                "fetched before; with a network set offline = false"
            ) from error
        if model.num_labels != 1:
            raise SettingsError(
                f"evidence_model = {self.name!r} gives {model.num_labels} numbers for a pair of texts: "
                "one that ranks gives one"
            )
        loaded: CrossEncoder = model
        return loaded


def _in_context(passage: PassageToRead, number: int) -> str:
    start, end = passage.sentences[max(number - 1, 0)][0], passage.sentences[number][1]
    text = passage.text[start:end]
    return f"{passage.title}. {text}" if passage.title else text
