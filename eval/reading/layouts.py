"""Set clean text on pages as real documents have it: wrapped, with running heads, notes, page breaks and hyphens.

Everything is drawn from a seed, so that a document can be made again. Only the white space, the hyphens at line ends,
the heads and the places of the notes come from here; the words come from the text that is given.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

_MARK = re.compile(r"\[\^(\w+)\]")
_WORD = re.compile(r"([^\w]*)([^\W\d_]{6,})(.*)", re.DOTALL)
_VOWELS = "aeiouyäöüаеёиоуыэюя"
_CJK = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]")
_NO_LINE_START = "，。、；：？！）」』”…"
_NOTES_HEADING = {"ru": "Примечания", "de": "Anmerkungen", "zh": "注释"}


@dataclass(frozen=True)
class Block:
    """A heading or a paragraph, its words without marks; `marks` are (offset in the words, number of the note)."""

    text: str
    heading: bool = False
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Source:
    """A clean text: its title, its blocks and its notes by number."""

    title: str
    short: str
    author: str
    language: str
    blocks: tuple[Block, ...]
    notes: dict[int, str]


@dataclass(frozen=True)
class Layout:
    """What a document looks like. Widths and lengths are in characters and lines."""

    width: int
    kind: str
    paragraphs: str
    """What parts paragraphs: "blank", "indent" or "none" (PDF only)."""
    spaced: bool
    page: int
    """Lines of a page; 0 for a text that has no pages."""
    gap: str
    """What stands between two pages."""
    head: str
    head_gap: int
    notes: str
    """Where notes stand: "foot", "side" (narrow, amid the text) or "end"."""
    mark: str
    """What a mark looks like: "glued", "superscript" or "bracket"."""
    soft: bool
    stray: bool
    """A blank line inside a sentence now and then."""
    lost: bool
    """One note has lost its number."""
    indent: str
    given: bool
    """The reader knows the headings, by the size of their letters."""


def draw_layout(rng: random.Random, language: str) -> Layout:
    """Return a layout of the kinds that real documents have."""
    kind = rng.choice(["txt", "txt", "pdf"])
    paged = kind == "pdf" or rng.random() < 0.8
    spaced = kind == "txt" and rng.random() < 0.15
    wide = language == "zh"
    notes = rng.choice(["foot", "foot", "side", "end"]) if paged else rng.choice(["side", "end"])
    if kind == "pdf" and notes == "side":
        notes = "foot"
    return Layout(
        width=rng.randint(22, 42) if wide else rng.randint(40, 100),
        kind=kind,
        paragraphs=rng.choice(["blank", "indent", "none"] if kind == "pdf" else ["blank", "blank", "indent"]),
        spaced=spaced,
        page=rng.randint(24, 48) if paged else 0,
        gap="\f" if kind == "pdf" else rng.choice(["\f", "\n\n\n", "\n", ""]),
        head=rng.choice(["none", "sides", "title", "page of", "footer", "author"]),
        head_gap=0 if kind == "pdf" else rng.choice([1, 1, 2]),
        notes=notes,
        mark=rng.choice(["glued", "glued", "superscript", "bracket"]),
        soft=not wide and rng.random() < 0.35,
        stray=kind == "txt" and not spaced and rng.random() < 0.25,
        lost=notes == "side" and rng.random() < 0.3,
        indent=rng.choice(["", "", " "]),
        given=kind == "pdf" and rng.random() < 0.8,
    )


def parse(markdown: str, language: str) -> Source:
    """Read a text of ours: front matter, headings, paragraphs and notes; tables and lists are left out."""
    known: dict[str, str] = {}
    if markdown.startswith("---\n"):
        front, markdown = markdown[4:].split("\n---\n", 1)
        known = dict(line.split(": ", 1) for line in front.splitlines() if ": " in line)
    names: dict[str, int] = {}
    texts: dict[str, str] = {}
    blocks = []
    for part in re.split(r"\n\s*\n", markdown):
        for note in re.finditer(r"^\[\^(\w+)\]: (.+)$", part, re.MULTILINE):
            texts[note[1]] = _plain(note[2])
        if re.match(r"\[\^|\||[-*>] |#\s|\*[^*]", part.strip()) or not part.strip():
            continue
        heading = part.strip().startswith("#")
        blocks.append(_block(_plain(part.strip().lstrip("# ")), heading, names))
    notes = {number: texts[name] for name, number in names.items() if name in texts}
    title = known.get("title", "")
    return Source(title, known.get("short", title), known.get("author", ""), language, tuple(blocks), notes)


def _plain(text: str) -> str:
    return re.sub(r"\*\*|(?<!\w)\*(?=\w)|(?<=\w)\*(?!\w)|`", "", " ".join(text.split()))


def _block(text: str, heading: bool, names: dict[str, int]) -> Block:
    plain, marks, at = "", [], 0
    for match in _MARK.finditer(text):
        plain += text[at : match.start()]
        marks.append((len(plain), names.setdefault(match[1], len(names) + 1)))
        at = match.end()
    return Block(plain + text[at:], heading, tuple(marks))


@dataclass
class Page:
    """A page as it is filled: lines of text and notes, what they leave of its room."""

    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    chapter: str = ""


class Typesetter:
    """Sets a source in a layout; `text` and `pages` are what a reader makes of the file."""

    def __init__(self, source: Source, layout: Layout, rng: random.Random) -> None:
        self.source, self.layout, self._rng = source, layout, rng
        self._pages = [Page()]
        self._waiting: list[str] = []
        self.lost = rng.choice(sorted(source.notes)) if layout.lost and len(source.notes) > 3 else 0
        self._set()
        self.text, self.pages = self._print()

    def _set(self) -> None:
        layout = self.layout
        before: Block | None = None
        for block in self.source.blocks:
            if block.heading:
                self._head_room()
                self._pages[-1].chapter = re.sub(r"^\d+\s+", "", block.text)
                self._place(
                    ["", *self._wrap(block.text, layout.width, hyphens=False)] if self._apart(before) else [block.text]
                )
            else:
                self._paragraph(block, before)
            before = block
        while self._waiting:
            self._place([])
            if self._waiting:
                self._new_page()
        if layout.notes == "end" and self.source.notes:
            self._place(["", _NOTES_HEADING.get(self.source.language, "Notes"), ""])
            for number in sorted(self.source.notes):
                self._place(self._note(number, layout.width))

    def _apart(self, before: Block | None) -> bool:
        return before is not None and (self.layout.paragraphs != "none" or self.layout.kind == "txt")

    def _head_room(self) -> None:
        """Begin a new page rather than set a heading at the foot of one."""
        if self.layout.page and len(self._pages[-1].lines) > self._room() - 4:
            self._new_page()

    def _paragraph(self, block: Block, before: Block | None) -> None:
        layout = self.layout
        indent = "   " if layout.paragraphs == "indent" and before and not before.heading else ""
        text, numbers = self._marked(block)
        lines = self._wrap(indent + text, layout.width)
        blank = before is not None and (
            layout.paragraphs == "blank" or (before.heading and layout.paragraphs != "none")
        )
        for i, line in enumerate(lines):
            here = [number for number in numbers if f"\ue000{number}\ue001" in line]
            line = re.sub("\ue000(\\d+)\ue001", lambda match: self._mark(int(match[1])), line)
            self._place(["", line] if blank and i == 0 else [line], here)
            if layout.stray and i < len(lines) - 2 and self._rng.random() < 0.03:
                self._place([""])

    def _marked(self, block: Block) -> tuple[str, list[int]]:
        text, numbers = block.text, []
        for offset, number in reversed(block.marks):
            if number in self.source.notes:
                text = f"{text[:offset]}\ue000{number}\ue001{text[offset:]}"
                numbers.append(number)
        return text, numbers

    def _mark(self, number: int) -> str:
        style = self.layout.mark
        return (
            f"[{number}]"
            if style == "bracket"
            else str(number).translate(SUPERSCRIPTS if style == "superscript" else {})
        )

    def _note(self, number: int, width: int) -> list[str]:
        label = f"[{number}]" if self.layout.mark == "bracket" else str(number)
        text = self.source.notes[number]
        return self._wrap(text if number == self.lost else f"{self.layout.indent}{label} {text}", width)

    def _place(self, lines: Sequence[str], numbers: Sequence[int] = ()) -> None:
        """Put lines on the page, and the notes whose marks are in them where the layout wants notes."""
        layout = self.layout
        notes = [self._note(number, self._note_width()) for number in numbers]
        if layout.page and len(self._pages[-1].lines) + len(lines) > self._room():
            self._new_page()
            lines = lines[1:] if lines and not lines[0] else lines
        page = self._pages[-1]
        page.lines += lines
        if layout.notes == "foot":
            self._waiting += [line for note in notes for line in note]
            while self._waiting and len(page.lines) + len(page.notes) < layout.page:
                page.notes.append(self._waiting.pop(0))
        elif layout.notes == "side":
            for note in notes:
                page.lines += ["", *note, ""]

    def _note_width(self) -> int:
        narrow = self.layout.notes == "side"
        return int(self.layout.width * (0.48 if narrow else 1.05))

    def _room(self) -> int:
        return self.layout.page - len(self._pages[-1].notes)

    def _new_page(self) -> None:
        self._pages.append(Page(chapter=self._pages[-1].chapter))
        while self._waiting and len(self._pages[-1].notes) < self.layout.page // 3:
            self._pages[-1].notes.append(self._waiting.pop(0))

    def _wrap(self, text: str, width: int, *, hyphens: bool = True) -> list[str]:
        return list(wrap(text, width, self._rng if hyphens and self.layout.soft else None))

    def _print(self) -> tuple[str, tuple[int, ...]]:
        layout = self.layout
        text, starts = "", []
        for number, page in enumerate(self._pages, 1):
            starts.append(len(text))
            lines = list(page.lines)
            if page.notes:
                lines += ([""] if layout.kind == "txt" else []) + page.notes
            head, foot = self._head(number, page)
            space = [""] * layout.head_gap
            lines = [*head, *(space if head else []), *lines, *(space if foot else []), *foot]
            joined = ("\n\n" if layout.spaced else "\n").join(lines)
            text += joined + ("\n" if layout.kind == "txt" else "")
            if number < len(self._pages):
                text += layout.gap + ("\n" if layout.gap == "\f" and layout.kind == "pdf" else "")
        return text, tuple(starts) if layout.gap == "\f" and (len(starts) > 1 or layout.kind == "pdf") else ()

    def _head(self, number: int, page: Page) -> tuple[list[str], list[str]]:
        """Return the lines above and below a page; the first page of a document has no head."""
        number += self._first_number
        layout, source = self.layout, self.source
        if not layout.page or layout.head == "none":
            return [], []
        if layout.head == "footer":
            return [], [str(number) if self._rng_style < 0.5 else f"- {number} -"]
        if number == self._first_number + 1:
            return [], []
        if layout.head == "sides":
            return [f"{number} {source.short}" if number % 2 == 0 else f"{page.chapter or source.short} {number}"], []
        if layout.head == "page of":
            return [source.short], [f"Page {number} of {len(self._pages)}"]
        if layout.head == "author":
            return [f"{source.author} / {source.short}"], []
        return [source.short], [str(number)]

    @property
    def _first_number(self) -> int:
        return 0 if self.layout.head == "page of" else self.layout.width % 9

    @property
    def _rng_style(self) -> float:
        return (self.layout.width % 10) / 10


def wrap(text: str, width: int, rng: random.Random | None) -> Iterator[str]:
    """Yield the lines of a text, broken at spaces, at hyphens, between Chinese characters and, with `rng`, in words."""
    line = ""
    for piece in _pieces(text):
        while len(line) + len(piece.rstrip()) > width and line.strip():
            cut = _parted(piece, width - len(line), rng)
            if cut:
                line, piece = line + piece[:cut] + "-", piece[cut:]
            yield line.rstrip()
            line = ""
        line += piece
    if line.strip():
        yield line.rstrip()


def _pieces(text: str) -> Iterator[str]:
    """Yield what a line may end after: a word with its space, a part of a compound with its hyphen."""
    indent = text[: len(text) - len(text.lstrip())]
    for word in re.findall(r"\S+\s*", text):
        for part in re.findall(r"(?:\w[^\s-]*-(?=\w))|.+", word) if "-" in word.strip("-") else [word]:
            for piece in _characters(part):
                yield indent + piece
                indent = ""


def _characters(word: str) -> Iterator[str]:
    """Yield a Chinese text character by character, marks and closing punctuation with the one before them."""
    if not _CJK.search(word):
        yield word
        return
    piece = ""
    for character in re.findall(r"\ue000\d+\ue001|[^\u2e80-\uffef\ue000]+|.", word):
        if piece and not (character[0] in _NO_LINE_START or character[0] == "\ue000"):
            yield piece
            piece = ""
        piece += character
    yield piece


def _parted(word: str, room: int, rng: random.Random | None) -> int:
    """Return where a word may be parted so that its beginning and a hyphen fit into the room, or 0."""
    match = _WORD.fullmatch(word) if rng and rng.random() < 0.8 else None
    if not match or not match[2][1:].islower():
        return 0
    first, letters = len(match[1]), match[2].lower()
    for at in range(min(len(letters) - 3, room - 1 - first), 1, -1):
        before, after = letters[at - 1], letters[at]
        # A syllable begins with a consonant before a vowel, and leaves a vowel behind it.
        opens = after not in _VOWELS and letters[at + 1] in _VOWELS
        if opens and any(c in _VOWELS for c in letters[:at]) and (before in _VOWELS or before != "\u00ad"):
            return first + at
    return 0
