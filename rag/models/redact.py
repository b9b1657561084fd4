"""Keys and passwords are kept out of everything that is shown, logged or written."""

from __future__ import annotations

import base64
import re
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from rag.errors import ModelError
from rag.models.base import ModelOptions

_RUN = 8
"""So many characters of a key in a row are struck out: services like to quote its beginning or its end."""
_TOO_SHORT = 4  # "x", "none": what is put where a service wants any key at all


def shown_address(url: str) -> str:
    """Return a URL as it may be shown: without user, password, query and fragment."""
    return re.sub(r"[?#].*", "", re.sub(r"^([^/@]*//)?.*@", r"\1***@", url, flags=re.DOTALL), flags=re.DOTALL)


def without_login(url: str) -> tuple[str, tuple[str, str] | None]:
    """Return a URL without its user and password, and these: the client would write the whole URL into its log."""
    parts = urlsplit(url)
    login, _, host = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    return urlunsplit(parts._replace(netloc=host)), (unquote(user), unquote(password)) if login else None


def read_key(name: str, options: ModelOptions) -> str | None:
    """Return the key as it is sent, without the blanks that files end in; None if there is none.

    Raises `ModelError`, which does not show it, if it holds what cannot be sent.
    """
    key = options.api_key.get_secret_value().strip() if options.api_key else ""
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ModelError(
            f"{name}: the key holds a blank or another character that no key has. Set RAG_API_KEY again, without"
            " quotation marks and line breaks."
        )
    return key or None


class Redactor:
    """Strikes the secrets of some options out of text."""

    def __init__(self, options: ModelOptions) -> None:
        raw = options.api_key.get_secret_value().strip() if options.api_key else ""
        user, _, password = options.base_url.partition("//")[2].rpartition("@")[0].partition(":")
        plain = unquote(password)
        login = base64.b64encode(f"{unquote(user)}:{plain}".encode()).decode() if password else ""
        query = options.base_url.partition("?")[2].split("&")
        found = {raw, quote(raw, safe=""), password, plain, login, *query}
        self._secrets = sorted((s for s in found if len(s) >= _TOO_SHORT), key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Return the text with asterisks for each secret, and for each longer part of one."""
        for secret in self._secrets:
            text = _struck(text, secret)
        return text


def _struck(text: str, secret: str) -> str:
    size = min(_RUN, len(secret))
    runs = {secret[at : at + size] for at in range(len(secret) - size + 1)}
    hidden = bytearray(len(text))
    for at in range(len(text) - size + 1):
        if text[at : at + size] in runs:
            hidden[at : at + size] = b"\1" * size
    kept = "".join("\0" if hide else char for char, hide in zip(text, hidden, strict=True))
    return re.sub("\0+", "***", kept)
