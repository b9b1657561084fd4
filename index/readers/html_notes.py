"""Find the notes of a web page, and the marks in its text that refer to them.

A note is told by how the page refers to it: a short mark in the text that leads to an element further on, a raised
figure with which an element further on begins, or a role or name that is made for notes. Else it stays text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]

_SIGN = re.compile(
    r"[\[(]?\s*(\d{1,3}|[a-z]|[ivxl]{1,5}|[*†‡§¶#]{1,3}|(?:note|fn\.?)\s\d{1,3})\s*[\])]?", re.IGNORECASE
)
_TARGET = re.compile(r"note|fn|ftn|edn|cite|ref|bib", re.IGNORECASE)
_RETURN = re.compile(r"\W*(?:\w{1,3}|back|return|up|jump up)?\W*", re.IGNORECASE)
_MARK_ROLES = frozenset({"doc-noteref", "noteref"})
_NOTE_ROLES = frozenset({"doc-footnote", "doc-endnote", "footnote", "endnote", "rearnote"})
_LIST_ROLES = frozenset({"doc-endnotes", "footnotes", "endnotes", "rearnotes"})
_INLINE = frozenset("a abbr b cite em font i small span strong sub sup u".split())
_HOLDERS = ("li", "p", "dd", "div", "aside", "blockquote", "section")
_LONGEST = 3000


@dataclass
class NoteElements:
    """The elements of a page that make up its notes.

    `marks` names, for an element of the text, the notes that it refers to; `bodies` the note that an element holds;
    `returns` are the links back and the numbers in the notes themselves; `labels` the number or sign of each note.
    """

    marks: dict[HtmlElement, list[str]] = field(default_factory=dict)
    bodies: dict[HtmlElement, str] = field(default_factory=dict)
    returns: set[HtmlElement] = field(default_factory=set)
    labels: dict[str, str] = field(default_factory=dict)


def find_notes(root: HtmlElement) -> NoteElements:
    """Return the notes of a page."""
    finder = _Finder()
    finder.linked(root)
    finder.raised(root)
    finder.named(root)
    return finder.found


class _Finder:
    """Collects the notes of a page."""

    def __init__(self) -> None:
        self.found = NoteElements()
        self._keys = (str(number) for number in count(1))

    def linked(self, root: HtmlElement) -> None:
        """Find the notes that marks in the text link to."""
        links = [(node, label) for node in root.iter("a") if (label := _link_label(node))]
        if not links:
            return
        wanted = {_fragment(node) for node, _ in links}
        places: dict[HtmlElement, int] = {}
        targets: dict[str, HtmlElement] = {}
        for place, node in enumerate(root.iter()):
            places[node] = place
            for name in (node.get("id"), node.get("name") if node.tag == "a" else None):
                if name in wanted:
                    targets.setdefault(name, node)
        holders = {target: _holder(target) for target in set(targets.values())}
        for node, label in links:
            target = targets.get(_fragment(node))
            if target is None or places[target] < places[node] or self._within(node):
                continue
            body = holders[target]
            if body is not None and places[body] > places[node] and not self._within(body):
                self._add(node, body, label)

    def raised(self, root: HtmlElement) -> None:
        """Find the notes that begin with a raised figure which also stands, unlinked, in the text before them."""
        waiting: dict[str, HtmlElement] = {}
        for node in root.iter("sup"):
            label = _sign(node)
            if not label or node in self.found.marks or self._within(node) or node.find(".//a") is not None:
                continue
            body = node.getparent()
            begins = body.tag in _HOLDERS and not (body.text or "").strip() and body[0] is node
            if begins and label in waiting and (node.tail or "").strip() and _may_hold(body):
                self._add(waiting.pop(label), body, label)
                self.found.returns.add(node)
            elif not begins:
                waiting[label] = node

    def named(self, root: HtmlElement) -> None:
        """Find the notes that only a role or a name gives away: they belong where they stand."""
        for node in root.iter("aside", "li", "p", "div", "section", "ol"):
            roles = {node.get("role"), node.get("epub:type")}
            names = (node.get("class") or "").lower().split()
            if not any("note" in (word or "") for word in (*roles, *names)):
                continue
            if node in self.found.bodies or self._within(node):
                continue
            if roles & _LIST_ROLES or "footnotes" in names or "endnotes" in names:
                for part in node.iter("li", "p"):
                    if not self._within(part) and part.find(".//li") is None and _may_hold(part):
                        self._add(None, part, "")
            elif (roles & _NOTE_ROLES or "footnote" in names or "endnote" in names) and _may_hold(node):
                self._add(None, node, "")

    def _add(self, mark: HtmlElement | None, body: HtmlElement, label: str) -> None:
        key = self.found.bodies.get(body)
        if key is None:
            key = self.found.bodies[body] = next(self._keys)
            self.found.labels[key] = label
            self.found.returns.update(_returns(body))
        if mark is not None:
            self.found.marks.setdefault(_outermost(mark), []).append(key)

    def _within(self, node: HtmlElement) -> bool:
        """Tell whether an element stands inside a note that was found, or holds one."""
        bodies = self.found.bodies
        return bool(bodies) and any(above in bodies for above in node.iterancestors())


def _link_label(node: HtmlElement) -> str:
    """Return the label of the note that a link may be the mark of, or an empty string."""
    if not _fragment(node):
        return ""
    label = _sign(node)
    if not label and not _MARK_ROLES.isdisjoint({node.get("role"), node.get("epub:type")}):
        return _text(node)
    raised = node.find(".//sup") is not None or any(above.tag == "sup" for above in node.iterancestors())
    plain = label.isalnum() and not _text(node).startswith(("[", "("))
    if plain and not raised and not (label.isdigit() and _TARGET.search(_fragment(node))):
        return ""
    return label


def _sign(node: HtmlElement) -> str:
    text = _text(node)
    match = _SIGN.fullmatch(text) if len(text) <= 10 else None
    return match[1] if match else ""


def _text(node: HtmlElement) -> str:
    return "".join(node.itertext()).strip()


def _fragment(node: HtmlElement) -> str:
    href = node.get("href") or ""
    return href[1:] if href.startswith("#") else ""


def _holder(target: HtmlElement) -> HtmlElement | None:
    """Return the element that holds the whole note whose begin is linked to."""
    while target is not None and target.tag in _INLINE:
        target = target.getparent()
    return target if target is not None and target.tag in _HOLDERS and _may_hold(target) else None


def _may_hold(node: HtmlElement) -> bool:
    headings = any(node.find(f".//h{level}") is not None for level in range(1, 7))
    return not headings and node.find(".//table") is None and 0 < len(_text(node)) <= _LONGEST


def _outermost(mark: HtmlElement) -> HtmlElement:
    """Return the element that holds the mark and nothing else: a raised link with its brackets."""
    parent = mark.getparent()
    while parent is not None and parent.tag in ("sup", "span") and not re.search(r"[^\W\d_]{2}", _text(parent)):
        if parent.tag == "span" and _text(parent) != _text(mark):
            break
        mark, parent = parent, parent.getparent()
    return mark


def _returns(body: HtmlElement) -> Iterator[HtmlElement]:
    for node in body.iter("a"):
        roles = {node.get("role"), node.get("epub:type")}
        if "doc-backlink" in roles or (_fragment(node) and _RETURN.fullmatch(_text(node))):
            parent = node.getparent()
            yield parent if parent.tag == "sup" and parent is not body else node
