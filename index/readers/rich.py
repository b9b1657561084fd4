"""Read RTF files: paragraphs, headings, tables, notes; page heads as furniture after the body.

Owns which groups of the file are text. Deleted and hidden text stays out; pictures and objects are passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from index.metadata import Properties
from index.readers.blocks import Blocks, mark, unmarked
from index.readers.rtf import Characters, Token, charset, code_page, tokens
from index.types import RawDocument

_SKIPPED = frozenset(
    "colortbl pict objdata listtable listoverridetable generator filetbl xmlnstbl rsidtbl themedata "
    "colorschememapping latentstyles datastore fldinst ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn nonshppict "
    "xe tc tcn bkmkstart bkmkend revtbl mmathPr atnid atnref atntime atndate atnparent pgptbl template comment "
    "formfield datafield private panose falt factoidname userprops docvar background objclass objname".split()
)
_KINDS = {word: word for word in ("fonttbl", "stylesheet", "info")} | {"atnauthor": "annotator"}
_FLOWS = {word: ("head", "page header") for word in ("header", "headerl", "headerr", "headerf")}
_FLOWS |= {word: ("head", "page footer") for word in ("footer", "footerl", "footerr", "footerf")}
_FLOWS |= {"footnote": ("note", ""), "annotation": ("note", ""), "shptxt": ("box", "")}
_BREAKS = frozenset(("par", "sect", "page", "column", "row", "cell"))
_INFO = frozenset(("title", "author", "creatim"))
_SIGNS = {
    "tab": "\t", "line": "\n", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "endash": "–",
    "emdash": "—", "bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " ", "~": "\u00a0", "_": "-",
    "{": "{", "}": "}", "\\": "\\", "softline": "\n", "nestcell": " ", "nestrow": "\n",
}  # fmt: skip
_HEADING = re.compile(r"heading\s*([1-9])$", re.IGNORECASE)
_BULLET = re.compile(r"\s*[·•▪◦–o§\ufffd\uf000-\uf0ff-]\s+")
_LOWEST = 6
_DEEPEST = 2_000
_MOST_FLOWS = 20


@dataclass
class _State:
    """What holds within a group of the file."""

    kind: str = "body"
    skip: bool = False
    hidden: bool = False
    follow: int = 1
    encoding: str = ""
    starred: bool = False


@dataclass
class _Flow:
    """Text that is being written: the body, a note, a page head."""

    parts: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    in_table: bool = False
    level: int = 0
    listed: bool = False
    done: list[str] = field(default_factory=list)


def read_rtf(data: bytes, name: str) -> RawDocument:
    """Read the bytes of an RTF file."""
    return _Rich().read(unmarked(data.decode("latin-1")))


class _Rich:
    """One RTF file on its way into blocks."""

    def __init__(self) -> None:
        self._blocks = Blocks()
        self._characters = Characters()
        self._default = "cp1252"
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._levels: dict[int, int] = {}
        self._style = 0
        self._style_name = ""
        self._state = _State()
        self._stack: list[_State] = []
        self._flows = [_Flow()]
        self._owners: list[tuple[int, str, str]] = []
        self._notes: list[tuple[str, str]] = []
        self._heads: list[tuple[str, str]] = []
        self._info: dict[str, str] = {}
        self._date: dict[str, int] = {}
        self._to_skip = 0

    def read(self, source: str) -> RawDocument:
        """Return the file as a raw document."""
        for token in tokens(source):
            if token.brace:
                self._brace(token.brace)
            elif token.word:
                self._control(token.word, token.number)
            else:
                self._write_token(token)
        while len(self._flows) > 1:  # a file that is cut off inside a note
            self._end_flow()
        self._end_paragraph()
        self._end_table()
        for key, text in self._notes:
            self._blocks.add_note(key, text)
        for text, kind in dict.fromkeys(self._heads):
            self._blocks.add(text, furniture=kind)
        year, month, day = (self._date.get(part, 0) for part in ("yr", "mo", "dy"))
        created = f"{year:04d}-{month or 1:02d}-{day or 1:02d}" if year > 1900 else None
        return self._blocks.document("rtf", Properties(self._info.get("title"), self._info.get("author"), created))

    def _brace(self, brace: str) -> None:
        self._flush()
        self._to_skip = 0
        if brace == "{":
            if len(self._stack) < _DEEPEST:
                self._stack.append(self._state)
                self._state = replace(self._state, starred=False)
            return
        if self._state.kind == "style":
            self._end_style()
        self._state = self._stack.pop() if self._stack else _State()
        while self._owners and len(self._stack) < self._owners[-1][0]:
            self._end_flow()

    def _control(self, word: str, number: int | None) -> None:
        state = self._state
        if word == "u" and number is not None:
            self._put(self._characters.unit(number))
            self._to_skip = state.follow
            return
        if self._to_skip and (word in _SIGNS or len(word) == 1):
            self._to_skip -= 1
            return
        if not (word == "'" or self._to_skip):
            self._flush()
        if word == "*":
            state.starred = True
        elif word == "uc":
            state.follow = max(number or 0, 0)
        elif word == "bin":
            return
        elif not self._destination(word):
            self._format("par" if word in "\r\n" else word, number)

    def _destination(self, word: str) -> bool:
        """Change where the text of this group goes; tell whether the word says so."""
        state = self._state
        if word in _KINDS or (word in _INFO and state.kind == "info"):
            state.kind, state.skip = _KINDS.get(word, word), False
        elif word in _FLOWS:
            state.skip = state.skip and word != "shptxt"  # a text box lies in a group that is skipped
            self._begin_flow(*_FLOWS[word])
        elif word in ("listtext", "pntext"):
            self._flows[-1].listed = not state.skip
        elif word in ("upr", "ud"):  # the same words twice: the second time, in Unicode, they count
            state.skip = word == "upr"
        elif word in _SKIPPED or (state.starred and word not in ("shpinst", "shppict")):
            state.skip = True
        else:
            return False
        return True

    def _format(self, word: str, number: int | None) -> None:
        state = self._state
        if word in _BREAKS and not state.skip and state.kind == "body":
            self._break(word)
        elif word in _SIGNS:
            self._put(_SIGNS[word])
        elif word in ("v", "deleted"):
            state.hidden = number != 0
        elif word == "plain":
            state.hidden, state.encoding = False, ""
        elif state.kind == "creatim" and word in ("yr", "mo", "dy"):
            self._date[word] = number or 0
        else:
            self._font_word(word, number or 0)
            self._paragraph_word(word, number or 0)

    def _font_word(self, word: str, number: int) -> None:
        state = self._state
        if word in ("ansicpg", "mac"):
            self._default = self._characters.encoding = code_page(number) if number else "mac_roman"
        elif word == "f":
            self._font = number
            if state.kind != "fonttbl":
                state.encoding = self._fonts.get(number, "")
        elif word == "fcharset" and state.kind == "fonttbl":
            self._fonts[self._font] = charset(number)

    def _paragraph_word(self, word: str, number: int) -> None:
        state, flow = self._state, self._flows[-1]
        if word == "s" and state.kind in ("stylesheet", "style"):
            state.kind, self._style, self._style_name = "style", number, ""
        elif word == "s":
            flow.level = self._levels.get(number, 0)
        elif word == "outlinelevel" and state.kind == "body":
            flow.level = min(number + 1, _LOWEST) if number < 9 else 0
        elif word in ("pard", "intbl"):
            flow.in_table = word == "intbl"
            flow.level = 0 if word == "pard" else flow.level

    def _write_token(self, token: Token) -> None:
        self._characters.encoding = self._state.encoding or self._default
        text = token.text
        if token.byte >= 0:
            if self._to_skip:
                self._to_skip -= 1
            else:
                self._put(self._characters.byte(token.byte))
            return
        dropped = min(self._to_skip, len(text))
        self._to_skip -= dropped
        for character in text[dropped:] if not text.isascii() else ():
            self._put(self._characters.byte(ord(character)))
        if text.isascii() and text[dropped:]:
            # The second byte of a character may be a letter: it belongs to the bytes before it.
            lead = text[dropped:]
            self._put(self._characters.flush() + lead)

    def _flush(self) -> None:
        self._characters.encoding = self._state.encoding or self._default
        self._put(self._characters.flush())

    def _put(self, text: str) -> None:
        state = self._state
        if not text or state.skip or state.hidden:
            return
        if state.kind == "body":
            self._flows[-1].parts.append(text)
        elif state.kind == "style":
            self._style_name += text
        elif state.kind == "annotator":
            self._info["annotator"] = text.strip()
        elif state.kind in _INFO:
            self._info[state.kind] = self._info.get(state.kind, "") + text

    def _end_style(self) -> None:
        name = self._style_name.strip().rstrip(";").partition(",")[0].strip()
        if match := _HEADING.match(name):
            self._levels[self._style] = min(int(match[1]), _LOWEST)
        elif name.casefold() == "title":
            self._levels[self._style] = 1

    def _break(self, word: str) -> None:
        flow = self._flows[-1]
        if word == "cell":
            flow.cells.append(" ".join("".join(flow.parts).split()))
            flow.parts.clear()
        elif word == "row":
            flow.rows.append(flow.cells)
            flow.cells, flow.in_table = [], False
        elif flow.in_table or flow.cells:
            flow.parts.append("\n")
        else:
            self._end_paragraph()

    def _end_paragraph(self) -> None:
        flow = self._flows[-1]
        text = "".join(flow.parts)
        if flow.cells:  # a row whose end is missing
            flow.rows.append([*flow.cells, text])
            flow.cells, text = [], ""
        if not text.strip():
            flow.parts.clear()
            return
        self._end_table()
        flow.parts.clear()
        listed, flow.listed = flow.listed, False
        if len(self._flows) == 1:
            text = _BULLET.sub("- ", text) if listed else text
            self._blocks.add(text, level=flow.level, row=listed)
        else:
            flow.done.append(text)

    def _end_table(self) -> None:
        flow = self._flows[-1]
        rows, flow.rows = flow.rows, []
        if len(self._flows) > 1:
            flow.done += ["; ".join(filter(None, row)) for row in rows]
        elif max(map(len, rows), default=0) > 1:
            self._blocks.add_table(rows)
        else:
            for row in rows:
                self._blocks.add(" ".join(row))

    def _begin_flow(self, kind: str, reason: str) -> None:
        if self._state.skip or len(self._flows) > _MOST_FLOWS:
            return
        self._flows.append(_Flow())
        self._state.kind = "body"
        self._owners.append((len(self._stack), kind, reason))

    def _end_flow(self) -> None:
        _, kind, reason = self._owners.pop()
        self._end_paragraph()
        self._end_table()
        flow = self._flows.pop()
        text = " ".join(" ".join(flow.done).split())
        if not text:
            return
        if kind == "note":
            key = f"n{len(self._notes)}"
            self._notes.append((key, text))
            self._flows[-1].parts.append(mark(key))
        elif kind == "head":
            self._heads.append((text, reason))
        else:
            self._flows[-1].parts.append(f"\n{text}\n")
