"""Read server-sent events out of bytes, as the HTML standard defines them (section 9.2.6).

The client library's own reading hides two things that matter here: whether the end was announced, and whether a
service that seems alive sends nothing but comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from time import monotonic

_LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")
"""A carriage return that ends what has come may be the first half of a line end."""


def events(chunks: Iterable[bytes], patience: float) -> Iterator[tuple[str, str]]:
    """Yield the type (mostly empty) and the data of each event.

    Raises:
        TimeoutError: when for `patience` seconds there was no data, only comments.
    """
    kind, data, last = "", list[str](), monotonic()
    for line in _lines(chunks):
        name, _, value = line.decode("utf-8", errors="replace").partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            data.append(value)
        elif name == "event":
            kind = value
        elif not line and data:
            yield kind, "\n".join(data)
            kind, data, last = "", [], monotonic()
        if monotonic() - last > patience:
            raise TimeoutError(f"only comments for {patience:g} s")
    if data:  # the standard would drop an event without the empty line at its end; services forget it
        yield kind, "\n".join(data)


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *lines, rest = _LINE_END.split(rest + chunk)
        yield from lines
    if rest:
        yield rest.removesuffix(b"\r")
