"""Read pictures of text: image files, and PDF pages that are pictures, through Tesseract where it is installed.

Tesseract runs as a process of its own, with a time limit, on bytes that it gets on its standard input. A picture that
gives little sure text is tried upside down and on its sides too. Nothing is installed and nothing fetched: without
Tesseract, or without the language wanted, the error says what to install.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from io import BytesIO
from itertools import accumulate
from statistics import fmean
from typing import TYPE_CHECKING

from index.errors import ReadError
from index.metadata import describe
from index.types import RawDocument

if TYPE_CHECKING:
    from PIL.Image import Image

SECONDS = 45.0
"""Time limit for one picture, in seconds."""

INSTALL = (
    "Install Tesseract (apt-get install tesseract-ocr, brew install tesseract, or "
    "github.com/UB-Mannheim/tesseract for Windows) and add it again, or add a copy with its text recognised"
)
DPI = 300

_PAGE_BREAK = "\n\f\n"
_MAX_LANGUAGES = 3
_MAX_PIXELS = 80_000_000
_SURE = 60.0
_WORD_LEVEL = "5"
_COLUMNS = 12


def is_available() -> bool:
    """Tell whether Tesseract is installed."""
    return shutil.which("tesseract") is not None


def read_image(data: bytes, name: str, language: str = "") -> RawDocument:
    """Read the bytes of an image file; a TIFF of several pictures has as many pages.

    `language` is Tesseract's name for it, or several with a plus ("eng+deu"); by default the packs installed.

    Raises:
        ReadError: when Tesseract is not installed, the image is damaged, or it holds no text.
    """
    if not is_available():
        raise ReadError(f"{name}: is a picture, whose text must be recognised. {INSTALL}.")
    pages = [recognise(picture, name, language) for picture in _pictures(data, name)]
    if not any(map(str.isalnum, "".join(pages))):
        raise ReadError(f"{name}: no text was recognised in the picture. If there is some, add a sharper one.")
    text = _PAGE_BREAK.join(pages)
    starts = tuple(accumulate((len(page) + len(_PAGE_BREAK) for page in pages[:-1]), initial=0))
    return RawDocument(text, "image", "lines", starts, describe(text))


def recognise(picture: Image, name: str, language: str = "") -> str:
    """Return the text of a picture: a line for each of its lines, a blank line between its paragraphs.

    Raises:
        ReadError: when Tesseract fails or takes too long.
    """
    text, sureness = _recognised(picture, name, language)
    if sureness >= _SURE or not text:
        return text
    found = [(sureness, text)]
    for turn in (180, 90, 270):
        text, sureness = _recognised(picture.rotate(turn, expand=True), name, language)
        if sureness >= _SURE:
            return text
        found.append((sureness, text))
    return max(found, key=lambda item: item[0])[1]


def _pictures(data: bytes, name: str) -> list[Image]:
    """Return the pictures of an image file, in shades of grey and the right way up."""
    from PIL import Image, ImageOps, ImageSequence

    try:
        with Image.open(BytesIO(data)) as image:
            if image.width * image.height > _MAX_PIXELS:
                size = f"{image.width} x {image.height} pixels"
                raise ReadError(f"{name}: {size} are too many to be read. Add a smaller picture.")
            frames = ImageSequence.Iterator(image) if image.format == "TIFF" else [image]
            return [ImageOps.exif_transpose(frame).convert("L") for frame in frames]
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ReadError(f"{name}: is damaged or no picture inside ({error}). Open it, save it again, retry.") from error


def _recognised(picture: Image, name: str, language: str) -> tuple[str, float]:
    """Return the text of a picture and how sure of its words Tesseract is, from 0 to 100."""
    buffer = BytesIO()
    picture.save(buffer, "PPM")  # a picture in shades of grey becomes a PGM, which needs no packing
    command = ["tesseract", "stdin", "stdout", "-l", _language(language, name), "--dpi", str(DPI), "tsv"]
    try:
        done = subprocess.run(
            command,
            input=buffer.getvalue(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},  # its threads cost more than they bring
        )
    except subprocess.TimeoutExpired as error:
        raise ReadError(
            f"{name}: Tesseract took more than {SECONDS:.0f} s for one picture. Add a smaller one."
        ) from error
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no reason given"]
        raise ReadError(f"{name}: Tesseract could not read the picture ({reason[0][:200]}).")
    return _text(done.stdout.decode("utf-8", "replace"))


def _text(table: str) -> tuple[str, float]:
    """Put Tesseract's table of words together: block, paragraph and line are columns 2 to 4 of each."""
    text, sureness, before = "", [], [""] * _COLUMNS
    for row in table.splitlines()[1:]:
        cells = row.split("\t", _COLUMNS - 1)
        if len(cells) < _COLUMNS or cells[0] != _WORD_LEVEL or not cells[-1].strip():
            continue
        if text:
            text += " " if cells[2:5] == before[2:5] else "\n" if cells[2:4] == before[2:4] else "\n\n"
        text += cells[-1].strip()
        sureness.append(float(cells[-2]))
        before = cells
    return text, fmean(sureness) if sureness else 0.0


def _language(wanted: str, name: str) -> str:
    """Return the languages to recognise, as Tesseract wants them."""
    packs = _packs()
    if wanted and not set(wanted.split("+")) <= set(packs):
        missing = ", ".join(sorted(set(wanted.split("+")) - set(packs)))
        raise ReadError(
            f"{name}: Tesseract has no language {missing}. Install its pack; there are: {', '.join(packs)}."
        )
    if not packs:
        raise ReadError(f"{name}: Tesseract has no language. Install a pack (apt-get install tesseract-ocr-eng).")
    return wanted or "+".join(packs[:_MAX_LANGUAGES])


@cache
def _packs() -> tuple[str, ...]:
    """Return the languages that Tesseract has, English first."""
    listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, timeout=SECONDS, check=False)
    names = [line.strip() for line in listed.stdout.splitlines()[1:]]
    names = [name for name in names if name and name not in ("osd", "equ") and "/" not in name]
    return tuple(sorted(names, key=lambda name: (name != "eng", name)))
