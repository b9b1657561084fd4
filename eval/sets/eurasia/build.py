"""Build the PDF and Word sample documents from the texts in `sources/`.

The output imitates the mess of real reports on purpose: running headers, notes at the foot of the page,
note marks glued to words and words broken at line ends. Needs `reportlab` and `python-docx`, which the
application itself does not use; install them in an environment of their own. The output is the same on every run.
"""

from __future__ import annotations

import argparse
import io
import logging
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from docx import Document
from docx.document import Document as WordDocument
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

HERE = Path(__file__).resolve().parent
PDF_NAMES = {"01-measured-neighbours", "09-the-northern-door"}

PAGE_WIDTH, PAGE_HEIGHT = 420.0, 595.0
LEFT, RIGHT, TOP, BOTTOM = 50.0, 370.0, 535.0, 52.0
HEADER_Y = 560.0
SPACE = 0.28  # of the size of the letters: narrower, and readers of the file run words together
INDENT = 14.0
MARK_SIZE, MARK_RISE = 6.5, 3.6
NOTE_GAP = 10.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Face:
    """Hold a font with its size and the height of its line."""

    font: str
    size: float
    leading: float

    @property
    def space(self) -> float:
        """Return the least width of the space between two words."""
        return SPACE * self.size


BODY = Face("Times-Roman", 10.5, 13.6)
NOTE = Face("Times-Roman", 8.0, 9.6)
CHAPTER = Face("Times-Bold", 12.5, 22.0)
TITLE = Face("Times-Bold", 17.0, 22.0)
BYLINE = Face("Times-Italic", 10.5, 16.0)
HEADER = Face("Times-Italic", 8.5, 10.0)


@dataclass(frozen=True)
class Block:
    """Hold one paragraph, heading or table of a source."""

    kind: str
    text: str


@dataclass
class Source:
    """Hold a parsed source text."""

    meta: dict[str, str]
    blocks: list[Block] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def date(self) -> datetime:
        """Return the day of publication at noon, UTC."""
        return datetime.fromisoformat(self.meta["date"]).replace(hour=12, tzinfo=UTC)


@dataclass(frozen=True)
class Word:
    """Hold a printed word and the number of the note glued to its end."""

    text: str
    mark: str = ""

    def width(self, face: Face) -> float:
        """Return the printed width, mark included."""
        plain = float(stringWidth(self.text, face.font, face.size))
        return plain + (float(stringWidth(self.mark, face.font, MARK_SIZE)) if self.mark else 0.0)


@dataclass
class Line:
    """Hold one printed line."""

    face: Face
    words: list[Word]
    indent: float = 0.0
    stretch: bool = False
    chapter: str = ""


def parse(path: Path) -> Source:
    """Read a source text."""
    _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    pairs = (row.partition(":") for row in head.splitlines() if row.strip())
    source = Source({key.strip(): value.strip() for key, _, value in pairs})
    for chunk in re.split(r"\n\s*\n", body.strip()):
        if chunk.startswith("[^"):
            for mark, text in re.findall(r"^\[\^(\d+)\]:\s*(.+)$", chunk, re.MULTILINE):
                source.notes[mark] = text
        else:
            source.blocks.append(_block(chunk))
    return source


def _block(chunk: str) -> Block:
    """Tell what kind of block a chunk of text is."""
    if chunk.startswith("## "):
        return Block("chapter", chunk[3:].strip())
    if chunk.startswith("# "):
        return Block("title", chunk[2:].strip())
    if chunk.startswith("|"):
        return Block("table", chunk)
    text = " ".join(chunk.split())
    return Block("aside", text.strip("*")) if text.startswith("*") else Block("para", text)


def words_of(text: str) -> list[Word]:
    """Split a paragraph into words, each with its note mark."""
    found = []
    for token in text.split():
        match = re.fullmatch(r"(.+?)\[\^(\d+)\]", token)
        found.append(Word(match[1], match[2]) if match else Word(token))
    return found


def break_points(text: str) -> list[tuple[str, str]]:
    """List the ways to break a word over two lines, longest first part first."""
    ways = [(text[: m.end()], text[m.end() :]) for m in re.finditer(r"(?<=\w\w)-(?=\w\w)", text)]
    # A rough rule for English: break between two consonants with a vowel before and a vowel after.
    if text.strip(".,;:").isalpha() and text.islower():
        for m in re.finditer(r"(?<=[a-z][aeiou][bcdfgklmnprst])(?=[bcdfgklmnprst][aeiou][a-z]{2})", text):
            if text[m.start() - 1 : m.start() + 1] not in {"ch", "sh", "th", "ph", "ck", "ng"}:
                ways.append((text[: m.start()] + "-", text[m.start() :]))
    return sorted(ways, key=lambda way: -len(way[0]))


def break_word(word: Word, room: float, face: Face) -> tuple[Word, Word] | None:
    """Break a word so that its first part fits the room left on a line."""
    for first, rest in break_points(word.text):
        if Word(first).width(face) <= room:
            return Word(first), Word(rest, word.mark)
    return None


def set_lines(words: list[Word], face: Face, indent: float = 0.0) -> list[Line]:
    """Break a paragraph into lines of equal width."""
    lines: list[Line] = []
    line, used, queue = Line(face, [], indent, True), indent, list(words)
    while queue:
        word = queue.pop(0)
        gap = face.space if line.words else 0.0
        if used + gap + word.width(face) <= RIGHT - LEFT:
            line.words.append(word)
            used += gap + word.width(face)
            continue
        halves = break_word(word, RIGHT - LEFT - used - gap, face)
        if halves:
            line.words.append(halves[0])
            word = halves[1]
        lines.append(line)
        line, used = Line(face, [], 0.0, True), 0.0
        queue.insert(0, word)
    line.stretch = False
    return [*lines, line]


class Report:
    """Lay out a source as a report with headers and foot notes."""

    def __init__(self, source: Source) -> None:
        """Open an empty report."""
        self.source = source
        self.buffer = io.BytesIO()
        self.canvas = Canvas(self.buffer, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1)
        self.page, self.y = 1, TOP
        self.chapter = ""
        self.feet: list[Line] = []
        self._set_metadata()

    def _set_metadata(self) -> None:
        """Write the metadata, or blank it where the source wants none."""
        shown = self.source.meta["metadata"] == "yes"
        stamp = self.source.date.strftime("D:%Y%m%d%H%M%S+00'00'") if shown else ""
        self.canvas.setTitle(self.source.meta["title"] if shown else "")
        self.canvas.setAuthor(self.source.meta["author"] if shown else "")
        self.canvas.setSubject("")
        self.canvas.setCreator("")
        self.canvas.setProducer("")
        self.canvas.setDateFormatter(lambda *_: stamp)

    def build(self) -> bytes:
        """Lay out the whole report."""
        self._title_block()
        for block in self.source.blocks:
            if block.kind == "chapter":
                self._chapter(block.text)
            else:
                for line in set_lines(words_of(block.text), BODY, INDENT):
                    self._body_line(line)
        self._end_page()
        self.canvas.save()
        return self.buffer.getvalue()

    def _title_block(self) -> None:
        """Print the title, the author and the publisher."""
        self.y -= 30
        for text, face in (("title", TITLE), ("author", BYLINE), ("publisher", BYLINE)):
            for line in set_lines(words_of(self.source.meta[text]), face):
                line.stretch = False
                self._print(line, self.y)
                self.y -= face.leading
        self.y -= 14

    def _chapter(self, text: str) -> None:
        """Print a numbered chapter heading."""
        self.chapter = text.partition(" ")[2]
        # A heading needs room for itself and for three lines below it.
        if self.y - self._foot_height() < BOTTOM + CHAPTER.leading + 3 * BODY.leading:
            self._next_page()
        self.y -= 8
        self._print(Line(CHAPTER, words_of(text)), self.y)
        self.y -= CHAPTER.leading

    def _body_line(self, line: Line) -> None:
        """Print a line of text, on a new page where it and its notes do not fit."""
        notes = [foot for word in line.words if word.mark for foot in self._foot(word.mark)]
        needed = self._foot_height(len(notes))
        if self.y - BODY.leading < BOTTOM + needed:
            self._next_page()
        self.feet += notes
        self._print(line, self.y)
        self.y -= BODY.leading

    def _foot(self, mark: str) -> list[Line]:
        """Set a note as lines."""
        return set_lines(words_of(f"{mark} {self.source.notes[mark]}"), NOTE)

    def _foot_height(self, extra: int = 0) -> float:
        """Return the height of the notes of this page."""
        count = len(self.feet) + extra
        return count * NOTE.leading + NOTE_GAP if count else 0.0

    def _end_page(self) -> None:
        """Print the notes and close the page."""
        y = BOTTOM + (len(self.feet) - 1) * NOTE.leading
        for line in self.feet:
            self._print(line, y)
            y -= NOTE.leading
        self.canvas.showPage()
        self.page, self.y, self.feet = self.page + 1, TOP, []

    def _next_page(self) -> None:
        """Close the page and open another, with its header."""
        self._end_page()
        # Printed first, so that in the text of the file the header stands between the halves of a cut sentence.
        self._header()

    def _header(self) -> None:
        """Print the page number with the title on the left, or with the chapter on the right."""
        self.canvas.setFont(HEADER.font, HEADER.size)
        if self.page % 2 == 0:
            self.canvas.drawString(LEFT, HEADER_Y, f"{self.page} {self.source.meta['short']}")
        else:
            self.canvas.drawRightString(RIGHT, HEADER_Y, f"{self.chapter} {self.page}")

    def _print(self, line: Line, y: float) -> None:
        """Print the words of a line, spread over the width where it is not the last."""
        total = sum(word.width(line.face) for word in line.words)
        gaps = max(1, len(line.words) - 1)
        spare = RIGHT - LEFT - line.indent - total
        gap = spare / gaps if line.stretch else line.face.space
        x = LEFT + line.indent
        for word in line.words:
            self.canvas.setFont(line.face.font, line.face.size)
            self.canvas.drawString(x, y, word.text)
            if word.mark:
                plain = Word(word.text).width(line.face)
                self.canvas.setFont(line.face.font, MARK_SIZE)
                self.canvas.drawString(x + plain, y + MARK_RISE, word.mark)
            x += word.width(line.face) + gap


def build_pdf(source: Source) -> bytes:
    """Make a PDF of a source."""
    return Report(source).build()


def build_docx(source: Source) -> bytes:
    """Make a Word file of a source."""
    document = Document()
    for block in source.blocks:
        if block.kind in {"title", "chapter"}:
            document.add_heading(block.text, level=0 if block.kind == "title" else 1)
        elif block.kind == "table":
            _add_table(document, block.text)
        else:
            run = document.add_paragraph().add_run(block.text)
            run.italic = block.kind == "aside"
    properties = document.core_properties
    properties.title = source.meta["title"]
    properties.author = properties.last_modified_by = source.meta["author"]
    properties.created = properties.modified = source.date
    properties.comments = ""
    buffer = io.BytesIO()
    document.save(buffer)
    return freeze(buffer.getvalue())


def _add_table(document: WordDocument, text: str) -> None:
    """Add a table written with bars, without its row of dashes."""
    rows = [[cell.strip() for cell in row.strip("| ").split("|")] for row in text.splitlines()]
    rows = [row for row in rows if not set(row[0]) <= {"-"}]
    table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, value in zip(row.cells, cells, strict=False):
            cell.text = value


def freeze(data: bytes) -> bytes:
    """Give every member of a zip file the same time, so that the bytes do not change between runs."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, old.read(name))
    return result.getvalue()


def main() -> None:
    """Build every document that has a source."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE / "documents", help="folder for the documents")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for path in sorted((HERE / "sources").glob("*.md")):
        is_pdf = path.stem in PDF_NAMES
        make: Callable[[Source], bytes] = build_pdf if is_pdf else build_docx
        target = out / f"{path.stem}.{'pdf' if is_pdf else 'docx'}"
        target.write_bytes(make(parse(path)))
        log.info("wrote %s", target.name)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    main()
