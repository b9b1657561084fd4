"""Turn the bytes of a text file into characters, whatever encoding they are in.

Owns: byte order marks, UTF-8 and UTF-16 without one, and the guess between legacy encodings. Refuses bytes
that are no text at all.
"""

from __future__ import annotations

import codecs
import re

from index.errors import ReadError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # UTF-32 before UTF-16: its little-endian mark begins with the other's.

# Guesses are held to encodings that people still meet; the full list finds cp1006 or mac_iceland in short
# texts.
_LEGACY = ["cp1251", "koi8_r", "gb18030", "big5", "shift_jis", "euc_jp", "cp949", "cp1252", "cp1250"]
_LEGACY += ["cp1253", "cp1254", "cp1255", "cp1256"]

_SAMPLE = 200_000
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_CONTROL_SHARE = 0.02


def decode(data: bytes, name: str, declared: str | None = None) -> str:
    """Return the text that `data` encodes, its newlines normalised to a line feed.

    `declared` is an encoding that the file itself names (the charset of a web page); it is tried before a
    guess.

    Raises:
        ReadError: when the bytes are not text.
    """
    text = _decode(data, declared)
    sample = text[:_SAMPLE]
    if len(_CONTROL.findall(sample)) > _CONTROL_SHARE * len(sample):
        raise ReadError(f"{name}: not text (binary data). If it is a document, give it the suffix of its type.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decode(data: bytes, declared: str | None) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    for candidate in (_unmarked_utf16(data), "utf-8", declared):
        text = _strict(data, candidate) if candidate else None
        if text is not None:
            return text
    return _damaged_utf8(data) or data.decode(_guess(data), errors="replace")


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError):  # LookupError: a page may declare a charset that does not exist
        return None


def _unmarked_utf16(data: bytes) -> str | None:
    """Return the UTF-16 variant whose zero bytes stand where Latin text in it would have them, or None."""
    sample = data[:4096]
    if len(sample) < 8 or len(data) % 2:
        return None
    even, odd = sample[::2].count(0) / (len(sample) / 2), sample[1::2].count(0) / (len(sample) / 2)
    if odd > 0.4 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.05 else None


def _damaged_utf8(data: bytes) -> str | None:
    """Return UTF-8 text with the odd broken byte replaced, or None when the bytes are another encoding."""
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    foreign = sum(1 for character in text[:_SAMPLE] if character > "\x7f") - broken
    return text if broken * 20 < foreign else None


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes

    # A whole number of lines: cut in the middle of a character, a double-byte encoding would be ruled out.
    sample = data if len(data) <= _SAMPLE else data[: data.rfind(b"\n", 0, _SAMPLE) + 1] or data[:_SAMPLE]
    found = from_bytes(sample, cp_isolation=_LEGACY)
    best = found.best()
    if best is None:
        return "cp1252"
    alike = {best.encoding, *best.could_be_from_charset}
    alike |= {m.encoding for m in found if (m.chaos, m.coherence) == (best.chaos, best.coherence)}
    return _between_latins(sample, alike) if "cp1252" in alike else best.encoding


def _between_latins(sample: bytes, alike: set[str]) -> str:
    """Return the Latin encoding that statistics cannot tell from another, by letters of one region."""
    western = sample.decode("cp1252", errors="replace").casefold()
    if "cp1250" in alike and any(letter in western for letter in "šž"):
        return "cp1250"
    if "cp1254" in alike and "þ" in western and "ý" in western and "á" not in western:
        return "cp1254"  # what would be the Icelandic thorn and y acute are the Turkish s cedilla and dotless i
    return "cp1252"
