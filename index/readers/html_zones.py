"""The zones of a web page: stretches that a tag, a role or a name gives away as a menu, a side bar, a caption.

Says what kind of zone an element opens. Whether the article stands in it all the same is for others to judge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]

_TAGS = {
    "nav": "menu",
    "aside": "side bar",
    "footer": "page foot",
    "form": "form",
    "select": "form",
    "label": "form",
    "button": "button",
    "figcaption": "caption",
    "figure": "caption",
}
_ROLES = {
    "navigation": "menu",
    "menu": "menu",
    "menubar": "menu",
    "complementary": "side bar",
    "contentinfo": "page foot",
    "banner": "page head",
    "search": "form",
    "button": "button",
    "dialog": "form",
    "alertdialog": "form",
}
# The words of which names of classes and ids are made: programmers write them in English, whatever the page's language.
_WORDS = {
    word: kind
    for kind, words in {
        "menu": "nav navbar navigation menu submenu breadcrumb breadcrumbs crumb crumbs",
        "side bar": "sidebar",
        "page foot": "footer",
        "newsletter": "newsletter newsletters subscribe subscription signup",
        "comment prompt": "comments commentlist disqus",
        "related links": "related recirc recommended recommendations popular trending",
        "share links": "share sharing sharebar social",
        "advertisement": "ad ads advert adverts advertisement sponsored promo promos",
        "caption": "caption figcaption credit credits",
        "rights notice": "copyright",
        "cookie notice": "cookie cookies consent gdpr",
    }.items()
    for word in words.split()
}
_NAME = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


@dataclass(frozen=True, slots=True, eq=False)
class Zone:
    """A stretch of the page, of some kind. No two are equal."""

    kind: str


def zone_kind(node: HtmlElement, tag: str) -> str:
    """Return the kind of zone that an element opens, or an empty string for an element like any other."""
    kind = _ROLES.get(node.get("role") or "") or _TAGS.get(tag)
    if kind or tag in ("body", "main", "article"):
        return kind or ""
    names, name = node.get("class"), node.get("id")
    return _named_kind(f"{names} {name}") if names or name else ""


@lru_cache(maxsize=4096)
def _named_kind(names: str) -> str:
    return next((_WORDS[word] for found in _NAME.findall(names) if (word := found.lower()) in _WORDS), "")
