"""Whether a request to a service is sent again, and after how long."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import openai

RETRIES = 3
"""Times that a request is sent again."""
LONGEST_S = 30.0
"""Seconds that a user is made to wait between two requests; a service that wants more time is an error."""

_MAY_PASS = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
_WILL_NOT_PASS = frozenset({"insufficient_quota", "billing_hard_limit_reached"})


def pause_before(error: openai.OpenAIError, attempt: int, first_s: float) -> float | None:
    """Return the seconds to wait before a request is sent again; None when it should not be.

    Args:
        error: why the last one failed.
        attempt: how many have failed before it.
        first_s: the first pause; each further one is twice as long. A service's own word goes before.
    """
    import openai

    usual: float = min(first_s * 2.0**attempt, LONGEST_S)
    if attempt >= RETRIES:
        return None
    if isinstance(error, openai.APITimeoutError):
        return usual if attempt == 0 else None  # each time-out is a long wait in itself
    if isinstance(error, openai.APIConnectionError):
        return usual
    if _status(error) not in _MAY_PASS or getattr(error, "code", None) in _WILL_NOT_PASS:
        return None
    headers = error.response.headers if isinstance(error, openai.APIStatusError) else {}
    if headers.get("x-should-retry") == "false":
        return None
    asked = retry_after(headers, datetime.now(UTC))
    if asked is None:
        return usual
    return asked if asked <= LONGEST_S else None


def name_of(error: openai.OpenAIError) -> str:
    """Return an error in a word or two: its HTTP status, if it has one."""
    import openai

    if isinstance(error, openai.APITimeoutError):
        return "time-out"
    return str(_status(error) or "no connection")


def _status(error: openai.OpenAIError) -> int | None:
    """Return the HTTP status of an error, also of one that was told in the middle of a reply with status 200."""
    status = getattr(error, "status_code", None) or getattr(error, "code", None)
    return int(status) if isinstance(status, int) or (isinstance(status, str) and status.isdecimal()) else None


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that a service asks to wait, which it says as a number or as a date (RFC 9110, 10.2.3).

    `Retry-After-Ms` is OpenAI's, in milliseconds. None when there is no such header, or none that can be read.
    """
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        if (seconds := _number(headers.get(name, ""))) is not None:
            return seconds / unit
    from email.utils import parsedate_to_datetime  # it imports the network

    try:
        at = parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)  # "-0000" is read as no zone
    return max(0.0, (at - now).total_seconds())


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
