"""Set document text apart from instructions. Whatever a document says, it cannot close its own fence."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Quoted:
    """Text of a document on its way into a prompt, and what is known about its source."""

    text: str
    title: str
    author: str | None = None
    date: str | None = None


def fence_for(*texts: str) -> str:
    """Return a marker (16 hex digits) that stands in none of the texts.

    It is a hash of them all: the same request gets the same prompt, so the same answer; and nobody can write
    a document that holds it, because the marker depends on that document and on everything beside it.
    """
    digest = hashlib.sha256()
    for text in texts:
        digest.update(f"{len(text)}:{text}".encode(errors="surrogatepass"))
    while any(digest.hexdigest()[:16] in text for text in texts):
        digest.update(b"again")
    return digest.hexdigest()[:16]


def fenced(quotes: Iterable[Quoted], fence: str) -> str:
    """Return the quotes as numbered blocks between fences, title, author and date inside with the text.

    The metadata is as foreign as the text (anyone can name a file), so it stands on the same side.
    """
    return "\n\n".join(_block(n, q, fence) for n, q in enumerate(quotes, start=1))


def _block(number: int, quoted: Quoted, fence: str) -> str:
    facts = [("Title", quoted.title), ("Author", quoted.author), ("Date", quoted.date)]
    # One line each: a line break in a title would let it pass for the text.
    lines = [f"{name}: {' '.join(value.split())}" for name, value in facts if value and value.strip()]
    return "\n".join([f"<{fence} {number}>", *lines, "", quoted.text.strip(), f"</{fence} {number}>"])
