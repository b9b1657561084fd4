"""Metadata as a user gives them of a document that is there: checked, and only what differs from what is known."""

from __future__ import annotations

from collections.abc import Mapping

from index.errors import GivenError
from index.sidecar import check_date
from index.types import Metadata

FIELDS = ("title", "author", "publisher", "date", "language")
"""What a user may set."""
LONGEST = 1000
"""Characters of a value."""


def stated(values: Mapping[str, str]) -> Metadata:
    """Return metadata as a user gives them; an empty value takes the known one away.

    Raises:
        GivenError: when a value cannot be taken.
    """
    found = {name: check(name, values[name]) for name in FIELDS if name in values}
    return Metadata(**found, date_basis="user" if found.get("date") else None)


def given(values: Mapping[str, str], known: Metadata) -> Metadata:
    """Return what a user changes of known metadata; an empty value takes the known one away.

    Raises:
        GivenError: when a value cannot be taken.
    """
    said = stated(values)
    found = {name: getattr(said, name) for name in FIELDS if name in values}
    changed = {name: value for name, value in found.items() if value != (getattr(known, name) or "")}
    return Metadata(**changed, date_basis="user" if changed.get("date") else None)


def check(name: str, value: str) -> str:
    """Return a value of a field of `FIELDS` as it is kept.

    Raises:
        GivenError: when it cannot be taken.
    """
    value = " ".join(value.split())
    if len(value) > LONGEST:
        raise GivenError(f"the {name} has {len(value):,} characters: write at most {LONGEST:,}")
    if name == "date":
        found, wrong = check_date(value)
        if wrong:
            raise GivenError(wrong)
        return found or ""
    if name == "language" and value and not (value.isascii() and value.isalpha() and len(value) in (2, 3)):
        raise GivenError(f"{value!r} is no language: write its code, as en or de")
    return value.lower() if name == "language" else value
