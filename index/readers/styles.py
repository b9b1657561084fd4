"""Tell what the styles of a Word file mean: which are headings, which is the title, which number a list."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.readers.package import Element, attribute, child, local

_HEADING = re.compile(
    r"(?:heading|überschrift|titre|заголовок|título|titolo|kop|标题|見出し)\s*([1-9])$", re.IGNORECASE
)
_TITLE = re.compile(r"(?:title|titel|название)$", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc|contents|verzeichnis|table of figures)\s*\d*$", re.IGNORECASE)
_BODY_LEVEL = 9
_LOWEST = 6


@dataclass(frozen=True)
class _Style:
    name: str
    base: str
    level: int | None
    numbering: Element | None


class Styles:
    """The paragraph styles of a file, by their id."""

    def __init__(self, root: Element | None) -> None:
        self._styles: dict[str, _Style] = {}
        for node in root if root is not None else ():
            if local(node) == "style":
                properties = child(node, "pPr")
                self._styles[attribute(node, "styleId") or ""] = _Style(
                    _value(child(node, "name")),
                    _value(child(node, "basedOn")),
                    _outline(properties),
                    child(properties, "numPr"),
                )

    def level(self, style: str, properties: Element | None) -> int:
        """Return the heading level of a paragraph, 0 for a paragraph of text."""
        own = _outline(properties)
        if own is not None:
            return 0 if own >= _BODY_LEVEL else min(own + 1, _LOWEST)
        for found in self._chain(style):
            if found.level is not None:
                return 0 if found.level >= _BODY_LEVEL else min(found.level + 1, _LOWEST)
            if match := _HEADING.match(found.name):
                return min(int(match[1]), _LOWEST)
            if _TITLE.match(found.name):
                return 1
        match = _HEADING.match(style) if style not in self._styles else None
        return min(int(match[1]), _LOWEST) if match else int(style == "Title" and style not in self._styles)

    def is_title(self, style: str) -> bool:
        """Tell whether a style is that of the document's title."""
        return style == "Title" or (style in self._styles and _TITLE.match(self._styles[style].name) is not None)

    def is_contents(self, style: str) -> bool:
        """Tell whether a style is that of the lines of a table of contents."""
        name = self._styles[style].name if style in self._styles else style
        return _CONTENTS.match(name) is not None

    def numbering(self, style: str) -> Element | None:
        """Return the numbering that a style gives its paragraphs."""
        return next((found.numbering for found in self._chain(style) if found.numbering is not None), None)

    def _chain(self, style: str) -> list[_Style]:
        chain: list[_Style] = []
        while style in self._styles and self._styles[style] not in chain:
            chain.append(self._styles[style])
            style = chain[-1].base
        return chain


def _outline(properties: Element | None) -> int | None:
    value = _value(child(properties, "outlineLvl"))
    return int(value) if value.isdigit() else None


def _value(node: Element | None) -> str:
    return (attribute(node, "val") or "") if node is not None else ""
