"""Server-sent events: a stream of lines that a browser and every HTTP client can read."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from time import monotonic
from typing import Any

from fastapi.responses import StreamingResponse

BREATH = 15.0
"""Seconds of silence after which an empty line is sent, lest something between the two takes the line for dead."""

HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


def event(data: Any, name: str = "") -> str:
    """Return an event with JSON data, of a name or of none."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)}\n\n"


def response(lines: AsyncIterator[str]) -> StreamingResponse:
    """Return a response of events; an empty one says that there is nothing yet."""
    return StreamingResponse(_breathing(lines), media_type="text/event-stream", headers=HEADERS)


async def _breathing(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    last = monotonic()
    async for line in lines:
        if line or monotonic() - last > BREATH:
            yield line or ": still there\n\n"
            last = monotonic()
