"""Turn the bytes of an RTF file into tokens and its codes into characters, whatever code pages it mixes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(
    r"\\(?P<word>[a-z]{1,32})(?P<number>-?\d{1,10})? ?"
    r"|\\'(?P<byte>[0-9a-f]{2})"
    r"|\\(?P<sign>[^a-z'])"
    r"|(?P<brace>[{}])"
    r"|(?P<end>[\r\n]+)"
    r"|(?P<text>[^\\{}\r\n]+)",
    re.IGNORECASE | re.DOTALL,
)

SYMBOL = "symbol"
_BULLETS = b"\xb7\xa7\xa8\xd8\xfc\xb0"

_CHARSETS = {
    0: "cp1252", 1: "", 2: SYMBOL, 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "big5",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251",
    222: "cp874", 238: "cp1250", 255: "cp437",
}  # fmt: skip
_PAGES = {65001: "utf-8", 10000: "mac_roman", 10007: "mac_cyrillic", 10029: "mac_latin2", 708: "iso8859_6"}


@dataclass(frozen=True)
class Token:
    """A control word with its number, a byte, text, or a brace: the other fields are empty."""

    word: str = ""
    number: int | None = None
    byte: int = -1
    text: str = ""
    brace: str = ""
    end: int = 0


def tokens(source: str) -> Iterator[Token]:
    """Yield the tokens of an RTF file, read as Latin-1 so that a character is a byte."""
    at = 0
    while match := TOKEN.match(source, at):
        at = match.end()
        if match["word"]:
            number = int(match["number"]) if match["number"] else None
            if match["word"] == "bin" and number and number > 0:
                at += number
            yield Token(match["word"], number)
        elif match["byte"]:
            yield Token(byte=int(match["byte"], 16))
        elif match["sign"]:
            yield Token(word=match["sign"])
        elif match["brace"]:
            yield Token(brace=match["brace"])
        elif match["text"]:
            yield Token(text=match["text"])
        elif not match["end"]:
            at += 1


def code_page(number: int) -> str:
    """Return the encoding of a Windows code page."""
    return _known(_PAGES.get(number) or f"cp{number}")


def charset(number: int) -> str:
    """Return the encoding of the charset of a font, empty for the default."""
    encoding = _CHARSETS.get(number, "")
    return encoding if encoding in ("", SYMBOL) else _known(encoding)


def _known(encoding: str) -> str:
    import codecs

    try:
        codecs.lookup(encoding)
    except LookupError:
        return "cp1252"
    return encoding


class Characters:
    """Collects bytes and code units until they are whole characters.

    A character of two bytes comes as two codes, one beyond U+FFFF as two numbers.
    """

    def __init__(self) -> None:
        self.encoding = "cp1252"
        self._bytes = bytearray()
        self._units: list[int] = []

    def byte(self, value: int) -> str:
        """Add a byte; return what is complete."""
        done = self._flush_units()
        self._bytes.append(value)
        return done

    def unit(self, value: int) -> str:
        """Add a UTF-16 code unit, which RTF writes as a signed number; return what is complete."""
        done = self._flush_bytes()
        self._units.append(value & 0xFFFF)
        return done

    def flush(self) -> str:
        """Return what is left."""
        return self._flush_bytes() + self._flush_units()

    def _flush_bytes(self) -> str:
        if self.encoding == SYMBOL:  # signs of a picture font: a bullet, or nothing that can be written
            text = "".join("•" if byte in _BULLETS else "" for byte in self._bytes)
        else:
            text = bytes(self._bytes).decode(self.encoding, "replace")
        self._bytes.clear()
        return text

    def _flush_units(self) -> str:
        raw = b"".join(unit.to_bytes(2, "little") for unit in self._units)
        self._units.clear()
        return raw.decode("utf-16-le", "replace")
