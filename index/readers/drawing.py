"""Read what is drawn in an Office file: the data of charts, the words of diagrams, formulas as one line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from index.readers.blocks import Blocks
from index.readers.package import Element, Package, attribute, child, local

_SINGLE = 2
_MOST_POINTS = 2_000


@dataclass(frozen=True)
class Drawn:
    """A chart as the table it was drawn from, its first row the names of its series; or a diagram's lines."""

    title: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    lines: tuple[str, ...] = ()

    def add_to(self, blocks: Blocks) -> None:
        """Append the words to the blocks of a document."""
        blocks.add(self.title)
        if self.rows:
            blocks.add_table(self.rows, header=1)
        for line in self.lines:
            blocks.add(line)


def drawn(node: Element, package: Package, relations: dict[str, tuple[str, str]]) -> Iterator[Drawn]:
    """Yield the charts and diagrams that an element refers to."""
    for found in node.iter():
        tag = local(found)
        if tag not in ("chart", "relIds"):
            continue
        path = relations.get(attribute(found, "id" if tag == "chart" else "dm") or "", ("", ""))[1]
        root = package.xml(path) if path in package else None
        if root is not None:
            yield chart(root) if tag == "chart" else Drawn(lines=tuple(diagram(root)))


def chart(root: Element) -> Drawn:
    """Return a chart as a table: a row for each category, a column for each series."""
    names, columns = [""], []
    categories: list[str] = []
    for series in (node for node in root.iter() if local(node) == "ser"):
        names.append(" ".join(_points(child(series, "tx"))) or "Value")
        categories = categories or _points(child(series, "cat")) or _points(child(series, "xVal"))
        columns.append(_points(child(series, "val")) or _points(child(series, "yVal")))
    height = min(max(map(len, (categories, *columns)), default=0), _MOST_POINTS)
    rows = [(_at(categories, i), *(_at(column, i) for column in columns)) for i in range(height)]
    title = next((node for node in root.iter() if local(node) == "title"), None)
    words = "".join(node.text or "" for node in title.iter() if local(node) == "t") if title is not None else ""
    return Drawn(words, (tuple(names), *rows) if rows else ())


def diagram(root: Element) -> list[str]:
    """Return the words of each shape of a diagram."""
    lines = ("".join(t.text or "" for t in p.iter() if local(t) == "t") for p in root.iter() if local(p) == "p")
    return [line for line in lines if line.strip()]


def formula(node: Element) -> str:
    """Return a formula in one line: a/b, x^2, x_i, sqrt(x)."""
    return " ".join(_linear(node).split())


def _points(node: Element | None) -> list[str]:
    if node is None:
        return []
    direct = [found.text or "" for found in node if local(found) == "v"]
    found: dict[int, str] = {}
    for point in (item for item in node.iter() if local(item) == "pt"):
        index = point.get("idx", "")
        values = [value.text or "" for value in point.iter() if local(value) == "v"]
        if index.isdigit() and int(index) < _MOST_POINTS:
            found[int(index)] = " ".join(values)
    return [found.get(i, "") for i in range(max(found) + 1)] if found else direct


def _at(values: list[str], index: int) -> str:
    return values[index] if index < len(values) else ""


def _linear(node: Element) -> str:
    tag = local(node)
    if tag == "t":
        return node.text or ""
    part = {local(found): _linear(found) for found in node if local(found) in ("num", "den", "e", "sup", "sub", "deg")}
    if tag == "f":
        return f"{_group(part.get('num', ''))}/{_group(part.get('den', ''))}"
    if tag in ("sSup", "sSub", "sSubSup"):
        low = f"_{_group(part['sub'])}" if part.get("sub") else ""
        return part.get("e", "") + low + (f"^{_group(part['sup'])}" if part.get("sup") else "")
    if tag == "nary":
        sign = child(node, "naryPr", "chr")
        low = f"_{_group(part['sub'])}" if part.get("sub") else ""
        high = f"^{_group(part['sup'])}" if part.get("sup") else ""
        return f"{attribute(sign, 'val') if sign is not None else '∫'}{low}{high} {part.get('e', '')}"
    if tag == "rad":
        return f"√{_group(part.get('e', ''))}"
    if tag == "d":
        begin, end = child(node, "dPr", "begChr"), child(node, "dPr", "endChr")
        inner = ", ".join(_linear(found) for found in node if local(found) == "e")
        opening, closing = _sign(begin, "("), _sign(end, ")")
        return f"{opening}{inner}{closing}"
    return "".join(_linear(found) for found in node)


def _sign(node: Element | None, default: str) -> str:
    return default if node is None else attribute(node, "val") or ""


def _group(text: str) -> str:
    return text if len(text) < _SINGLE or text.isalnum() else f"({text})"
