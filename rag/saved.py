"""An answer read back from what `Answer.to_dict` wrote: the one reader, of runs and of conversations."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import BeforeValidator, TypeAdapter, ValidationError

from rag.errors import RagError
from rag.types import Answer, Checked


class SavedError(RagError):
    """Data that hold no answer of ours."""


def _with_spans(data: object) -> object:
    """Give the retrieved passages the form of our type: what is saved has no number in the index."""
    try:
        trace = data["trace"]  # type: ignore[index]  # what is none of this is refused by the type
        found = [
            {"id": 0, "heading": ""} | passage | {"best": (best["start"], best["end"]) if best else None}
            for passage in trace["retrieved"]
            for best in [passage.get("best")]
        ]
        return data | {"trace": trace | {"retrieved": found}}  # type: ignore[operator]
    except (TypeError, KeyError, AttributeError):
        return data


SavedAnswer = Annotated[Answer, BeforeValidator(_with_spans)]
"""An answer, as a field of a pydantic model: read from the data that `Answer.to_dict` gives."""

_ANSWER: TypeAdapter[Answer] = TypeAdapter(SavedAnswer)
_CHECKED: TypeAdapter[tuple[Checked, ...]] = TypeAdapter(tuple[Checked, ...])


def answer_of(text: str) -> Answer:
    """Return the answer that a JSON text holds.

    Raises:
        SavedError: when it holds none.
    """
    return _read(_ANSWER, text)  # type: ignore[no-any-return]


def json_of(answer: Answer) -> str:
    """Return an answer as a JSON text."""
    return json.dumps(answer.to_dict(), ensure_ascii=False)


def checked_of(text: str) -> tuple[Checked, ...]:
    """Return the checked sentences of an answer that was not finished, from `json_of_checked`.

    Raises:
        SavedError: when the text holds none.
    """
    return _read(_CHECKED, text)  # type: ignore[no-any-return]


def json_of_checked(checked: Sequence[Checked]) -> str:
    """Return checked sentences as a JSON text."""
    return json.dumps([asdict(one) for one in checked], ensure_ascii=False)


def _read(adapter: TypeAdapter[Any], text: str) -> Any:
    try:
        return adapter.validate_python(json.loads(text))
    except (json.JSONDecodeError, RecursionError) as error:
        raise SavedError(f"the saved answer is damaged ({error}): ask the question again") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"]) or "all of it"
        raise SavedError(f"the saved answer is damaged ({name}: {first['msg']}): ask the question again") from error
