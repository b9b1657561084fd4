"""Read PowerPoint 97 files (PPT): a page for each slide, its title a heading, then the speaker's notes.

The structures are those of [MS-PPT]. Slides that were deleted and text of the master stay out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

from index.errors import ReadError
from index.readers.blocks import Blocks, unmarked
from index.readers.compound import attached_objects, summary
from index.readers.slides import NOTES
from index.types import RawDocument

_DOCUMENT, _SLIDE, _NOTES_PAGE, _LIST, _SLIDE_PLACE, _SLIDE_ATOM = 1000, 1006, 1008, 4080, 1011, 1007
_HEADER, _CHARS, _BYTES, _OUTLINE = 3999, 4000, 4008, 3998
_EDIT, _DIRECTORY = 4085, 6002
_TITLES = (0, 6)
_BODIES = (1, 5, 7, 8)
_NOTE_TEXT = 2
_BULLET = re.compile("[\uf000-\uf0ff•]\\s*")
_ENCRYPTED = 0xF3D1C4DF
_DEEPEST = 30


@dataclass
class _Text:
    kind: int
    words: str = ""
    outline: int = -1


@dataclass
class _Page:
    """A slide or a page of notes in the list of its document: where it is kept, its id and its outline."""

    place: int
    identity: int
    texts: list[_Text] = field(default_factory=list)


def read_ppt(data: bytes, name: str) -> RawDocument:
    """Read the bytes of a PowerPoint 97 file.

    Raises:
        ReadError: when it is protected or damaged.
    """
    import olefile

    try:
        with olefile.OleFileIO(BytesIO(data)) as ole:
            current = ole.openstream("Current User").read() if ole.exists("Current User") else b""
            if int.from_bytes(current[12:16], "little") == _ENCRYPTED or ole.exists("EncryptedSummary"):
                raise ReadError(f"{name}: is protected with a password. Save a copy without it and add that.")
            stream = ole.openstream("PowerPoint Document").read()
            properties, attached = summary(ole), attached_objects(ole)
            blocks = _Show(stream, int.from_bytes(current[16:20], "little")).read()
    except ReadError:
        raise
    except Exception as error:  # on damaged bytes the library fails in many ways
        raise ReadError(f"{name}: is damaged ({error}). Open it, save it as .pptx and add that.") from error
    return blocks.document("ppt", properties, attached=attached)


class _Show:
    """One presentation: its records, and where the newest version of each part is."""

    def __init__(self, stream: bytes, edit: int) -> None:
        self._stream = stream
        self._places, document = self._directory(edit)
        begin, end = self._record(self._places[document])[2:] if document in self._places else (0, len(stream))
        self._slides: list[_Page] = []
        self._notes: dict[int, _Page] = {}
        for instance, kind, start, stop in self._children(begin, end):
            if kind == _LIST and instance == 0:
                self._slides += self._pages(start, stop)
            elif kind == _LIST and instance == 2:
                self._notes |= {page.identity: page for page in self._pages(start, stop)}

    def read(self) -> Blocks:
        """Return the blocks of the slides."""
        blocks = Blocks()
        for page in self._slides:
            blocks.start_page()
            texts, notes = self._texts(page)
            texts.sort(key=lambda text: text.kind not in _TITLES)
            for text in texts:
                _add(blocks, text)
            lead = NOTES
            for text in self._texts(self._notes[notes])[0] if notes in self._notes else ():
                for line in _lines(text.words) if text.kind == _NOTE_TEXT else ():
                    blocks.add(lead + line)
                    lead = ""
        return blocks

    def _record(self, at: int) -> tuple[int, int, int, int]:
        """Return instance, kind, begin and end of the record at an offset."""
        head = self._stream[at : at + 8]
        size = int.from_bytes(head[4:8], "little")
        instance, kind = int.from_bytes(head[:2], "little") >> 4, int.from_bytes(head[2:4], "little")
        return instance, kind, at + 8, min(at + 8 + size, len(self._stream))

    def _children(self, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
        while at + 8 <= end:
            record = self._record(at)
            yield record
            at = record[3]

    def _walk(self, at: int, end: int, depth: int = 0) -> Iterator[tuple[int, int, int, int]]:
        """Yield the records below a container, in order; those of containers too."""
        while at + 8 <= end:
            record = self._record(at)
            yield record
            if self._stream[at] & 15 == 15 and depth < _DEEPEST:
                yield from self._walk(record[2], record[3], depth + 1)
            at = record[3]

    def _directory(self, edit: int) -> tuple[dict[int, int], int]:
        """Return where each part is, of several versions the newest, and which part is the document."""
        places: dict[int, int] = {}
        document = 0
        seen: set[int] = set()
        while 0 < edit < len(self._stream) and edit not in seen:
            seen.add(edit)
            _, kind, begin, _ = self._record(edit)
            if kind != _EDIT:
                break
            before, directory, part = (self._number(begin + at) for at in (8, 12, 16))
            document = document or part
            for number, place in self._entries(directory):
                places.setdefault(number, place)
            edit = before
        return places, document

    def _entries(self, directory: int) -> Iterator[tuple[int, int]]:
        _, kind, at, end = self._record(directory)
        while kind == _DIRECTORY and at + 4 <= end:
            first, count = self._number(at) & 0xFFFFF, self._number(at) >> 20
            for i in range(count):
                yield first + i, self._number(at + 4 + 4 * i)
            at += 4 + 4 * count

    def _pages(self, begin: int, end: int) -> list[_Page]:
        pages: list[_Page] = []
        for _, kind, start, stop in self._children(begin, end):
            if kind == _SLIDE_PLACE:
                pages.append(_Page(self._number(start), self._number(start + 12)))
            elif pages:
                self._collect(pages[-1].texts, kind, start, stop)
        return pages

    def _collect(self, texts: list[_Text], kind: int, start: int, stop: int) -> None:
        if kind == _HEADER:
            texts.append(_Text(self._number(start)))
        elif kind == _OUTLINE:
            texts.append(_Text(-1, outline=self._number(start)))
        elif kind in (_CHARS, _BYTES):
            raw = self._stream[start:stop]
            words = raw.decode("utf-16-le", "replace") if kind == _CHARS else raw.decode("latin-1")
            if not texts or texts[-1].words:
                texts.append(_Text(4))
            texts[-1].words = unmarked(words)

    def _texts(self, page: _Page) -> tuple[list[_Text], int]:
        """Return the texts of a slide as they lie on it, and the id of its page of notes."""
        found: list[_Text] = []
        notes = 0
        at = self._places.get(page.place, len(self._stream))
        _, kind, begin, end = self._record(at)
        for _, inner, start, stop in self._walk(begin, end) if kind in (_SLIDE, _NOTES_PAGE) else ():
            if inner == _SLIDE_ATOM:
                notes = self._number(start + 16)
            self._collect(found, inner, start, stop)
        used = {text.outline for text in found}
        placed = [page.texts[text.outline] if 0 <= text.outline < len(page.texts) else text for text in found]
        return [*(text for i, text in enumerate(page.texts) if i not in used), *placed], notes

    def _number(self, at: int) -> int:
        return int.from_bytes(self._stream[at : at + 4], "little")


def _add(blocks: Blocks, text: _Text) -> None:
    lines = _lines(text.words)
    if text.kind in _TITLES:
        blocks.add(" ".join(lines), level=1)
    else:
        listed = text.kind in _BODIES and len(lines) > 1
        for line in lines:
            bare = _BULLET.sub("", line, count=1) if _BULLET.match(line) else line
            item = listed or bare != line
            blocks.add(f"- {bare}" if item else line, row=item)


def _lines(words: str) -> list[str]:
    """Return the paragraphs of a text; a star alone stands for a date or a number."""
    return [line for part in words.split("\r") if (line := part.replace("\x0b", " ").strip()) and line != "*"]
