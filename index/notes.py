"""Find notes in the lines of a text, and the marks in the words that refer to them.

A note is a few lines at the foot or side of a page, or in a list under "Notes" at the end, that begin with its
number or sign; its mark is the same, glued to a word before it. Only the two together are proof: a numbered heading
has no mark, "Vol. 20, No.6" no note. Where the format has pages, `index.footnotes` looks at their feet instead.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from index.footnotes import foot_notes
from index.lines import Line, Span, ends_sentence, starts_lower
from index.marks import SUPERSCRIPTS, Mark, counted, find_marks, holes

_NOTE = re.compile(r"([(\[]?(\d{1,3})[)\].]?\s+|([⁰¹²³⁴-⁹]{1,3})\s*|(\*{1,3}|[†‡])\s*)(?=\S.*$)")
_REACH = 8_000
_LONGEST = 14
_NARROW = 0.6
_NEAREST = 4
_MAX_HEADING = 40
_HEADING = re.compile(
    r"(?:\d{1,2}\.?\s+)?(?:(?:end|foot)?notes|notes and references|references|примечания|сноски|ссылки"
    r"|anmerkungen|fu(?:ß|ss)noten|endnoten|notes et références|notas|note|注释|注釋|尾注|脚注|注)\s*:?",
    re.IGNORECASE,
)


@dataclass
class FoundNote:
    """A note: its label, the lines it has (without the label) and its mark; `parts` are the raw spans it stands in.

    The reason says how it was known.
    """

    label: str
    mark: Mark | None
    lines: list[Line] = field(default_factory=list)
    parts: list[Span] = field(default_factory=list)
    reason: str = ""

    @property
    def place(self) -> int:
        """The raw offset at which its mark stood; where the note itself stood, when its mark is not known."""
        return self.mark.start if self.mark else self.parts[0][0]

    def add(self, lines: Sequence[Line], label: int = 0) -> None:
        """Move lines from the running text into the note, the first without the `label` characters it begins with."""
        self.reason = self.reason or f"note {self.label}, moved to the notes"
        for removed, group in groupby(lines, key=lambda line: bool(line.removed)):
            if not removed:
                part = list(group)
                self.parts.append((part[0].start, part[-1].end))
                self.lines += part
        for line in self.lines:
            line.remove("note", self.reason)
        if label:
            lines[0].cut(label)


def find_notes(
    lines: Sequence[Line], text: str, widths: Sequence[int], *, anywhere: bool
) -> tuple[list[Span], list[FoundNote]]:
    """Take the notes out of the lines; return the spans of all note marks in the text, and the notes.

    `anywhere`: notes may stand amid the text, not at the feet of pages only.
    """
    marks = find_marks(lines, text)
    notes = _end_notes(lines, marks)
    proven = {note.mark for note in notes if note.mark}
    if lines and lines[-1].page:
        for note_lines, label, mark in foot_notes(lines, [mark for mark in marks if mark not in proven]):
            note = FoundNote(mark.label if mark else label, mark)
            for part in note_lines:
                note.add(part, _label_length(part[0]) if part is note_lines[0] else 0)
            notes.append(note)
    proven |= {note.mark for note in notes if note.mark}
    if anywhere:
        notes += _interrupting_notes(lines, marks, widths, proven)
    proven |= {note.mark for note in notes if note.mark}
    inside = [(line.start, line.end) for line in lines if line.removed]
    outside = [mark for mark in marks if not _within(mark.start, inside)]
    every = counted(outside, proven)
    every |= holes(every, text)
    notes += _orphans(lines, widths, sorted(every - proven, key=lambda mark: mark.start), notes)
    cuts = sorted((mark.start, mark.end) for mark in proven | every if not _within(mark.start, inside))
    return cuts, notes


def _within(offset: int, spans: Sequence[Span]) -> bool:
    i = bisect_right(spans, offset, key=lambda span: span[0]) - 1
    return i >= 0 and offset < spans[i][1]


def _label(line: Line) -> str:
    """Return the number or sign that a line begins with as a note does, or nothing."""
    match = _NOTE.match(line.text)
    return (match[2] or match[3] or match[4]).translate(SUPERSCRIPTS) if match else ""


def _bare(line: Line) -> bool:
    """Say whether the number that a line begins with stands without a bracket or stop."""
    return re.match(r"\d+\s", line.text) is not None


def _label_length(line: Line) -> int:
    match = _NOTE.match(line.text)
    return match.end() if match else 0


def _interrupting_notes(
    lines: Sequence[Line], marks: Sequence[Mark], widths: Sequence[int], used: set[Mark]
) -> list[FoundNote]:
    """Take out notes that stand anywhere below their marks, in a text that has lost its pages."""
    positions: defaultdict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        positions[mark.label].append(mark)
    notes: list[FoundNote] = []
    taken = set(used)
    last = -1
    for i, line in enumerate(lines):
        label = "" if line.removed or i < last else _label(line)
        if not label or not _may_be_note(lines, i):
            continue
        nearest = _mark_before(positions[label], line.start, taken, notes[-1].mark if notes else None)
        if nearest:
            last = _end_of_note(lines, i, widths)
            taken.add(nearest)
            note = FoundNote(label, nearest)
            note.add(lines[i:last], _label_length(line))
            notes.append(note)
    return notes


def _may_be_note(lines: Sequence[Line], i: int) -> bool:
    """Tell whether a line with a number or sign may begin a note: it stands apart or interrupts, and is no heading."""
    line = lines[i]
    if i == 0 or line.level:
        return False
    before = lines[i - 1]
    ended = ends_sentence(before.text)
    alone = i + 1 == len(lines) or bool(lines[i + 1].blanks)
    if ended and line.text[-1].isalnum() and i + 1 < len(lines) and alone:
        return False  # one line alone, no full stop, between two paragraphs
    if (
        not line.text[0].isdigit()
        and line.text[0] in "*†‡"
        and any(other.text[:2] == line.text[:2] for other in (before, *lines[i + 1 : i + 2]))
    ):
        return False  # an item of a list
    return bool(line.blanks or line.indent or before.removed or line.page != before.page or ended)


def _mark_before(marks: Sequence[Mark], offset: int, used: set[Mark], last: Mark | None) -> Mark | None:
    """Return the nearest unused mark before `offset`; a weak one only if it counts on from the `last` one."""
    i = bisect_right(marks, offset, key=lambda mark: mark.start)
    near = [mark for mark in marks[max(i - _NEAREST, 0) : i] if offset - mark.start <= _REACH and mark not in used]
    strong = [mark for mark in near if not mark.weak]
    counts = near and last and last.number == near[-1].number - 1 and last.end <= near[-1].start
    return strong[-1] if strong else near[-1] if counts else None


def _end_of_note(lines: Sequence[Line], i: int, widths: Sequence[int]) -> int:
    """Return the number of the line after the note that begins at line `i`."""
    narrow = len(lines[i].text) < _NARROW * widths[i]
    number = int(_label(lines[i])) if _label(lines[i]).isdigit() else 0
    for j in range(i + 1, min(i + _LONGEST, len(lines))):
        line, before = lines[j], lines[j - 1]
        if line.blanks or line.removed or line.level or line.page != lines[i].page:
            return j
        if _NOTE.match(line.text) and (not number or _label(line) == str(number + 1)):
            return j
        ended = ends_sentence(before.text)
        if narrow and len(line.text) > _NARROW * 1.2 * widths[i]:
            return j  # the text goes on in its full width
        room = len(before.text) + 1 + len(line.text.split(" ", 1)[0]) <= widths[i]
        if ended and room and not narrow:
            return j  # the next word would have found room: it belongs to no line of this note
        if ended and starts_lower(line.text):
            return j
    return min(i + _LONGEST, len(lines))


def _end_notes(lines: Sequence[Line], marks: Sequence[Mark]) -> list[FoundNote]:
    """Take out the notes that are gathered in a list under their heading, if the text has marks for most of them."""
    notes: list[FoundNote] = []
    above: dict[str, Mark] = {}
    start = at = 0
    for i, line in enumerate(lines):
        if i < start or line.removed or not _is_heading(line):
            continue
        while at < len(marks) and marks[at].start < line.start:
            if not marks[at].weak or marks[at].label not in above:
                above[marks[at].label] = marks[at]
            at += 1
        begins = _list_of_notes(lines, i + 1)
        labels = [_label(lines[begin]) for begin in begins[:-1]]
        known = [above[label] for label in labels if label in above]
        few = len(labels) < (1 if begins and begins[-1] == len(lines) else 2)
        if few or len(known) < 0.6 * len(labels) or all(mark.weak for mark in known):
            continue
        line.remove("furniture", "heading of the notes")
        for label, begin, end in zip(labels, begins, begins[1:], strict=False):
            note = FoundNote(label, above.get(label))
            note.add(lines[begin:end], _label_length(lines[begin]))
            notes.append(note)
        start = begins[-1]
    return notes


def _is_heading(line: Line) -> bool:
    return len(line.text) < _MAX_HEADING and _HEADING.fullmatch(line.text) is not None


def _list_of_notes(lines: Sequence[Line], i: int) -> list[int]:
    """Return where the notes of a list begin that starts at line `i`, and where the last one ends.

    Where the first number has a bracket or a stop, one without is none: "3 June" may begin a line.
    """
    begins: list[int] = []
    number = 0
    last = ""
    for j in range(i, len(lines)):
        line = lines[j]
        if line.removed:
            continue
        label = _label(line)
        counts = label.isdigit() and (number < int(label) <= number + (2 if begins else 1))
        counts = counts and not (begins and _bare(line) and not _bare(lines[begins[0]]))
        if counts:
            begins.append(j)
            number = int(label)
        elif not begins or (line.blanks and ends_sentence(last)) or line.level or _is_heading(line):
            return [*begins, j]
        elif j - begins[-1] > _LONGEST:
            return [*begins, begins[-1] + 1]
        last = line.text
    return [*begins, len(lines)]


def _orphans(
    lines: Sequence[Line], widths: Sequence[int], missing: Sequence[Mark], found: Sequence[FoundNote]
) -> list[FoundNote]:
    """Take out narrow lines that interrupt a sentence soon after a mark whose note has not been found.

    Those that follow a note without an end are the rest of it, from the next page.
    """
    notes: list[FoundNote] = []
    open_notes = [note for note in found if note.mark and not ends_sentence(note.lines[-1].text)]
    waiting: list[tuple[int, Mark | FoundNote]] = [(mark.start, mark) for mark in missing]
    waiting += [(note.parts[-1][1], note) for note in open_notes]
    for offset, item in sorted(waiting, key=lambda pair: pair[0]):
        i = bisect_right(lines, offset, key=lambda line: line.start)
        while i < len(lines) and lines[i].start - offset < _REACH // 2:
            j = i
            while j < len(lines) and len(lines[j].text) < _NARROW * widths[i] and not (j > i and lines[j].blanks):
                j += 1
            if (
                j > i + 1
                and j < len(lines)
                and not any(line.removed for line in lines[i:j])
                and _interrupts(lines, i, j)
            ):
                if isinstance(item, FoundNote):
                    item.add(lines[i:j])
                else:
                    note = FoundNote(item.label, item, reason=f"probably note {item.label}, its number lost")
                    note.add(lines[i:j])
                    notes.append(note)
                break
            i = max(j, i + 1)
    return notes


def _interrupts(lines: Sequence[Line], i: int, j: int) -> bool:
    before, after = lines[i - 1], lines[j]
    full = len(before.text) > 40 and not ends_sentence(before.text) and not before.removed
    return (
        full
        and bool(after.blanks)
        and starts_lower(after.text)
        and ends_sentence(lines[j - 1].text)
        and (bool(lines[i].blanks) or lines[i].indent)
    )
