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


def given(values: Mapping[str, str], known: Metadata) -> Metadata:
    """Return what a user changes of known metadata; an empty value takes the known one away.

    Raises:
        GivenError: when a value cannot be taken.
    """
    changed = {}
    for name in FIELDS:
        if name in values:
            value = _checked(name, " ".join(values[name].split()))
            if value != (getattr(known, name) or ""):
                changed[name] = value
    return Metadata(**changed, date_basis="user" if changed.get("date") else None)


def _checked(name: str, value: str) -> str:
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
