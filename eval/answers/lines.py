"""Sets that are no sets of single questions: one object a line (JSON Lines), of a form of their own."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from eval.formats import SetError

Form = TypeVar("Form", bound=BaseModel)


def read_lines(path: Path, form: type[Form]) -> list[Form]:
    """Return the lines of a file.

    Raises:
        SetError: with each line and field that is not of the form.
    """
    read, problems = [], []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            read.append(form.model_validate_json(line))
        except ValidationError as error:
            for problem in error.errors(include_url=False):
                where = ".".join(map(str, problem["loc"]))
                problems.append(f"{path}, line {number}, field {where}: {problem['msg']}")
    if problems:
        raise SetError(*problems)
    return read
