"""What of a saved answer and its scores is read again, so that a file that lacks it is refused when it is loaded.

The whole contract of an answer is `rag.types`; further fields are kept and not looked at.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class _Span(BaseModel):
    document: str
    start: int
    end: int


class _Place(_Span):
    quote: str


class _Passage(_Span):
    text: str
    score: float


class _Sentence(BaseModel):
    text: str
    verdict: str
    citations: list[int]


class _Dropped(BaseModel):
    text: str
    why: str


class _Trace(BaseModel):
    retrieved: list[_Passage]
    timings_ms: dict[str, float]
    tokens: dict[str, int]


class _Answer(BaseModel):
    status: Literal["answered", "partial", "refused"]
    answer: str
    sentences: list[_Sentence]
    citations: list[_Place]
    nearest: list[_Place]
    dropped: list[_Dropped]
    trace: _Trace


class _Scores(BaseModel):
    refused: float
    answerable: float


class SavedRecord(BaseModel):
    """The parts of a record that are data from elsewhere: the answer, and the scores that every question has."""

    answer: _Answer
    scores: _Scores
