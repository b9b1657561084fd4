"""What of a saved record is read again, so that a file that lacks it is refused when it is loaded.

The whole contract of an answer is `rag.types`; further fields are kept and not looked at.
"""

from __future__ import annotations

from pydantic import BaseModel

from rag.saved import SavedAnswer


class _Scores(BaseModel):
    refused: float
    answerable: float


class SavedRecord(BaseModel):
    """The parts of a record that are data from elsewhere: the answer, and the scores that every question has."""

    answer: SavedAnswer
    scores: _Scores
