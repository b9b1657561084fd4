"""The head of the page, as HTML."""

from __future__ import annotations

from urllib.parse import urlsplit

from rag.models.redact import shown_address
from rag.settings import Settings
from ui.markup import text
from ui.server.language import NAMES, paths
from ui.words import ENGLISH, Words

LOCAL = ("127.0.0.1", "localhost", "::1")
"""The names of this machine for itself."""


def running(settings: Settings, model: str, words: Words = ENGLISH) -> str:
    """Say in a line what writes the answers, and what leaves this machine."""
    writer = words("page.own_sentences") if model == "extractive" else model
    host = urlsplit(settings.base_url).hostname or shown_address(settings.base_url)
    remote = settings.model.startswith("openai:") and host not in LOCAL
    if remote and not settings.offline:
        leaves = words("page.sent_to", host=host)
    else:
        leaves = words("page.nothing_leaves_offline" if settings.offline else "page.nothing_leaves")
    parts = words("page.answers_by", model=writer), words("page.search_by", embedder=settings.embedder), leaves
    return f'<p class="running">{" · ".join(map(text, parts))}</p>'


def languages(settings: Settings, words: Words = ENGLISH) -> str:
    """Return the links to the page in its other languages."""
    links = "".join(
        f'<a href="{path}" lang="{language}" hreflang="{language}">{NAMES[language]}</a>'
        for language, path in paths(settings.interface).items()
        if language != words.language
    )
    return f'<nav class="languages" aria-label="{text(words("page.languages"))}">{links}</nav>'
