"""Tell whether a reader of a web page sees an element.

Goes by the element's tag, attributes and inline style. Style sheets are not read: what they hide is left to those
who tell the article from the furniture.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]

_NEVER = frozenset(
    "script style noscript template svg head iframe object canvas audio video datalist annotation "
    "annotation-xml".split()
)
_ZERO = r":(?:0|0?\.0\d*|0px|0pt|0em|0rem|0%)(?=[;!]|$)"
_UNSEEN = re.compile(
    r"(?<![\w-])(?:display:none|visibility:(?:hidden|collapse)"
    rf"|opacity{_ZERO}|font-size{_ZERO}|font-size:(?:0?\.\d+|1)p[xt]"
    r"|color:(?:transparent|(?:rgb|hsl)a?\((?:[^,)]*,){3}0(?:\.0\d*)?%?\))"
    r"|text-indent:-\d{3}|(?:left|top):-\d{3}|clip:rect\((?:0|1px)[,0])"
)
_FOR_MACHINES = frozenset("sr-only visually-hidden visuallyhidden screen-reader-text screen-reader-only".split())
_MOST = 0.5
_LEAST = 100


def is_shown(node: HtmlElement) -> bool:
    """Tell whether the element itself, apart from those around it, is shown."""
    if node.tag in _NEVER:
        return False
    attributes = node.attrib
    if not attributes:
        return bool(node.tag != "dialog")
    if "hidden" in attributes or (node.tag == "dialog" and "open" not in attributes):
        return False
    style, names = attributes.get("style"), attributes.get("class")
    if style and _UNSEEN.search("".join(style.lower().split())):
        return False
    if names and not _FOR_MACHINES.isdisjoint(names.lower().split()):
        return False
    return attributes.get("aria-hidden") != "true" or _holds_most(node)


def _holds_most(node: HtmlElement) -> bool:
    """Tell whether an element holds most of the page: a page saved while a window lay over it hides all the rest."""
    if len(text := node.text_content()) < _LEAST:
        return False
    body = node.getroottree().find("body")
    return body is not None and len(text) > _MOST * len(body.text_content())
