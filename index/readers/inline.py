"""Take the marks of light markup (reStructuredText, Org) out of a line and leave its words."""

from __future__ import annotations

import re

from index.readers.blocks import mark

_RST = (
    (re.compile(r"(?::[\w.+:-]{1,60}:)?`([^`<\n]{1,500}?)\s*<[^`>\n]{1,500}>`_{0,2}"), r"\1"),  # `text <target>`_
    (re.compile(r"``([^`\n]{1,500}|.{1,500}?)``"), r"\1"),
    (re.compile(r":[\w.+:-]{1,60}:`~?([^`\n]{1,500})`"), r"\1"),
    (re.compile(r"`([^`\n]{1,500})`_{0,2}"), r"\1"),
    (re.compile(r"(?<![\w*\\])\*\*(?=\S)([^*\n]{1,500}?)(?<=\S)\*\*(?!\w)"), r"\1"),
    (re.compile(r"(?<![\w*\\])\*(?=[^\s*])([^*\n]{1,500}?)(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<!\w)\|([^|\s][^|\n]{0,100})\|_{0,2}"), r"\1"),
    (re.compile(r"\b(\w+)_(?!\w)(?=[\s.,;:!?)]|$)"), r"\1"),
    (re.compile(r"\\(?=\S)|\\\s"), ""),
)
_RST_NOTE = re.compile(r"\s?\[(#?[\w.-]{0,40}|\*)\]_(?!\w)")

_ORG = (
    (re.compile(r"\[\[[^\[\]\n]{1,500}\]\[([^\[\]\n]{1,500})\]\]"), r"\1"),
    (re.compile(r"\[\[(?:file:|https?:)?([^\[\]\n]{1,500})\]\]"), r"\1"),
    (re.compile(r"(?<![\w*/_=~+])([*/_=~+])(?=\S)([^\n]{1,300}?)(?<=\S)\1(?![\w*/_=~+])"), r"\2"),
    (re.compile(r"<(\d{4}-\d\d-\d\d)[^>\n]{0,40}>|\[(\d{4}-\d\d-\d\d)[^\]\n]{0,40}\]"), r"\1\2"),
    (re.compile(r"<<<?[^<>\n]{1,100}>>>?|\\\\$"), ""),
)
_ORG_NOTE = re.compile(r"\s?\[fn:([\w-]{1,40})\]")


def plain_rst(text: str) -> str:
    """Return a paragraph of reStructuredText without its marks; a reference to a note becomes a mark."""
    text = _RST_NOTE.sub(lambda match: mark(match[1].lstrip("#") or "#"), text)
    return _without(text, _RST)


def plain_org(text: str) -> str:
    """Return a paragraph of Org without its marks; a reference to a note becomes a mark."""
    text = _ORG_NOTE.sub(lambda match: mark(match[1]), text)
    return _without(text, _ORG)


def _without(text: str, rules: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    for pattern, words in rules:
        text = pattern.sub(words, text)
    return text
