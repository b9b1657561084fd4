"""The one seam to pdfium (by pypdfium2), which reads and draws PDF files.

Owns opening a file, its errors in our words, and a page's words with their boxes, as a person sees the page: turned
as it is shown, from its top left corner. Knows nothing of columns, headings or sentences.

pdfium keeps its state in globals and is not thread-safe: it is used only inside `opened`, which holds a lock.
"""

from __future__ import annotations

import ctypes
import math
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

Boxes = NDArray[np.float32]
"""Rows of left, top, right, bottom: points from the page's top left corner, y downwards."""

HYPHENS = "\x02\ufffe"
"""What pdfium gives for a hyphen at a line's end, which it then drops."""

_WORD = re.compile(rf"[^\s{HYPHENS}]+[{HYPHENS}]?|[{HYPHENS}]")
_HALF = re.compile("[\ud800-\udfff]")
_BOLD = re.compile(r"bold|black|heavy|demi", re.IGNORECASE)
_FORCE_BOLD = 1 << 18
_SAMPLE = 60
_NAME_BYTES = 128
_MAX_PIXELS = 40_000_000
_lock = threading.RLock()


@dataclass(frozen=True)
class Font:
    """How a word is set: its size in points as printed, and whether it is bold."""

    size: float
    bold: bool


@dataclass(frozen=True, eq=False)
class Words:
    """The words of a page in the order of the file: `text[start:end]` for each of `spans`, and their boxes.

    `steps` says how far, in points, a word's last letter is from its first, right and down; `places` which of pdfium's
    characters each of the text is.
    """

    text: str
    spans: NDArray[np.int32]
    boxes: Boxes
    steps: NDArray[np.float32]
    places: NDArray[np.int64]


@contextmanager
def opened(data: bytes, name: str) -> Iterator[PdfDocument]:
    """Open the bytes of a PDF; nobody else uses pdfium meanwhile.

    Raises:
        ReadError: when it is protected or damaged.
    """
    from pypdfium2 import PdfDocument, PdfiumError

    with _lock:
        try:
            document = PdfDocument(data)
        except PdfiumError as error:
            raise ReadError(_reason(name, str(error))) from error
        try:
            yield document
        finally:
            document.close()


def _reason(name: str, message: str) -> str:
    if "password" in message.lower():
        return f"{name}: is protected with a password. Save a copy without it and add that."
    if "security" in message.lower():
        return f"{name}: is protected in a way that cannot be read. Save a copy without protection and add that."
    return f"{name}: is damaged or no PDF inside ({message}). Open it, save it again and retry."


@contextmanager
def page_of(document: PdfDocument, number: int) -> Iterator[Page | None]:
    """Load a page, from 0, and its text; None when it is damaged."""
    from pypdfium2 import PdfiumError

    page = None
    try:
        page = document[number]
        text = page.get_textpage()
    except PdfiumError:
        if page is not None:
            page.close()
        yield None
        return
    try:
        yield Page(page, text)
    finally:
        text.close()
        page.close()


class Page:
    """A page and its text: `width` and `height` in points, as shown."""

    def __init__(self, page: PdfPage, text: PdfTextPage) -> None:
        from pypdfium2 import raw

        self.page = page
        self._text = text
        self._matrix, self._flags = raw.FS_MATRIX(), ctypes.c_int()
        self._name = ctypes.create_string_buffer(_NAME_BYTES)
        self._turn = page.get_rotation() // 90
        self._box = left, bottom, right, top = page.get_bbox()
        size = max(right - left, 1.0), max(top - bottom, 1.0)
        self.width, self.height = size[::-1] if self._turn % 2 else size

    def words(self) -> Words:
        """Return the words of the page and their boxes."""
        text, places = self.text()
        spans = np.array([match.span() for match in _WORD.finditer(text)], np.int32).reshape(-1, 2)
        ends = places[np.column_stack((spans[:, 0], spans[:, 1] - 1)).ravel()]
        letters = self.boxes(ends).reshape(-1, 2, 4)
        first, last = letters[:, 0], letters[:, 1]
        boxes = np.concatenate((np.minimum(first, last)[:, :2], np.maximum(first, last)[:, 2:]), axis=1)
        return Words(text, spans, boxes, (last - first)[:, :2], places)

    def text(self) -> tuple[str, NDArray[np.int64]]:
        """Return the text of the page in the order of the file, and which of pdfium's characters each of its is."""
        from pypdfium2 import raw

        count = self._text.count_chars()
        buffer = (ctypes.c_ushort * (count + 1))()
        written = raw.FPDFText_GetText(self._text, 0, count, buffer)
        units = np.frombuffer(buffer, np.uint16)[:count].copy()
        if written != count + 1:  # it left out what has no code: ask for one character after the other
            codes = map(raw.FPDFText_GetUnicode, repeat(self._text), range(count))
            units = np.fromiter((code if code <= 0xFFFF else 0 for code in codes), np.uint16, count)
        units[units == 0] = 0xFFFD
        text = units.tobytes().decode("utf-16-le", "surrogatepass")
        second = np.zeros(count, np.bool_)
        if len(text) < count:  # a character of two units is two for pdfium, and one for us
            second[1:] = (units[1:] >> 10 == 0x37) & (units[:-1] >> 10 == 0x36)
        return _HALF.sub("\ufffd", text), np.flatnonzero(~second)

    def boxes(self, characters: NDArray[np.int64]) -> Boxes:
        """Return where characters stand: as wide as they advance, as high as their font."""
        count = len(characters)
        found = np.zeros((count, 4), np.float32)
        start = found.ctypes.data
        address = ctypes.cast(self._text.raw, ctypes.c_void_p).value
        places = range(start, start + 16 * count, 16)
        ok = np.fromiter(map(_box_call(), repeat(address), characters.tolist(), places), np.bool_, count)
        found[~ok] = np.nan
        left, top = np.fmin(found[:, 0], found[:, 2]), np.fmax(found[:, 1], found[:, 3])
        right, bottom = np.fmax(found[:, 0], found[:, 2]), np.fmin(found[:, 1], found[:, 3])
        return np.nan_to_num(self._shown(left, bottom, right, top))

    def _shown(self, left: Any, bottom: Any, right: Any, top: Any) -> Boxes:
        """Turn boxes of the page's own axes, y upwards, as the page is shown."""
        x0, y0, x1, y1 = self._box
        sides = {
            0: (left - x0, y1 - top, right - x0, y1 - bottom),
            1: (bottom - y0, left - x0, top - y0, right - x0),
            2: (x1 - right, bottom - y0, x1 - left, top - y0),
            3: (y1 - top, x1 - right, y1 - bottom, x1 - left),
        }[self._turn]
        return np.column_stack(sides).astype(np.float32)

    def font(self, character: int) -> Font:
        """Return how a character is set."""
        from pypdfium2 import raw

        text, matrix, name, flags = self._text.raw, self._matrix, self._name, self._flags
        raw.FPDFText_GetMatrix(text, character, matrix)
        size = raw.FPDFText_GetFontSize(text, character) * math.hypot(matrix.c, matrix.d)
        raw.FPDFText_GetFontInfo(text, character, name, _NAME_BYTES, flags)
        return Font(round(size, 1), bool(flags.value & _FORCE_BOLD) or _is_bold(name.value))

    def unmapped(self) -> float:
        """Return the share of the characters, of a sample, for which the file does not say what they mean."""
        from pypdfium2 import raw

        count = self._text.count_chars()
        sample = range(0, count, max(count // _SAMPLE, 1))
        lost: int = sum(raw.FPDFText_HasUnicodeMapError(self._text, i) == 1 for i in sample)
        return lost / max(len(sample), 1)

    def image_share(self) -> float:
        """Return how much of the page its images cover, from 0 to 1."""
        from pypdfium2 import PdfiumError, raw

        covered = 0.0
        for image in self.page.get_objects([raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
            try:
                left, bottom, right, top = image.get_bounds()
            except PdfiumError:
                continue
            covered += max(right - left, 0.0) * max(top - bottom, 0.0)
        return float(min(covered / max(self.width * self.height, 1.0), 1.0))

    def picture(self, dpi: int) -> Image:
        """Draw the page in shades of grey, a very large one more coarsely."""
        scale = min(dpi / 72, math.sqrt(_MAX_PIXELS / max(self.width * self.height, 1.0)))
        drawn: Image = self.page.render(scale=scale, grayscale=True).to_pil().convert("L")
        return drawn


@lru_cache(maxsize=1_000)
def _is_bold(name: bytes) -> bool:
    return _BOLD.search(name.decode("utf-8", "replace")) is not None


@cache
def _box_call() -> Callable[[int | None, int, int], int]:
    """Return the call for a character's box, made with plain addresses: ctypes checks objects at a high price."""
    from pypdfium2 import raw

    address = ctypes.cast(raw.FPDFText_GetLooseCharBox, ctypes.c_void_p).value
    return ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(address or 0)
