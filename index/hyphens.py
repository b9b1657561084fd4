"""Decide whether the hyphen at a line's end parts one word or joins two."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.lines import Line

HYPHENS = ("-", "\u2010")

_PART = 10
_SHORT = 4
_MANY_WORDS = 500
_FEWEST = 1
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LAST_WORD = re.compile(r"[^\W\d_]+$")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
# Parts that make compounds, and endings that are no words: both tell where the words of a short text do not.
_JOINING = re.compile(
    r"(?:self|well|ill|half|long|short|high|low|old|new|full|far|near|hard|soft|cross|quasi|ultra|mid|one|two|three|four"
    r"|five|six|seven|eight|nine|ten|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|first|second|third|low|large"
    r"|small|slow|fast|free|anglo|franco|sino|russo|indo|euro|afro|austro|gr(?:a?e)co|serbo|кое|nicht)"
)
_TAILS = re.compile(r"(?:то|либо|нибудь|таки|за|под|term|based|like|led|old|free|wide|made|scale|range|ever|being|be)")
_ENDING = re.compile(
    r"(?:[cst]?ions?|ments?|ness(?:es)?|i?ty|ties|ings?|e[drn]|ers?|est|ly|ally|ously|ively|ages?|a?bles?|ibles?"
    r"|[ae]nces?|[ae]nts?|ous|ious|ives?|i[sz](?:e[ds]?|ing|ation)|ism|ists?|tural|tions?|tional|tive|ture|tures|cial|tial"
    r"|ung(?:en)?|lich(?:e[nrsm]?)?|keit(?:en)?|heit(?:en)?|schaft(?:en)?|ние|ния|ний|ность|ности|ского|ская|ский|ские)"
)


@dataclass(frozen=True)
class Words:
    """The words of a text, and `parts`, those that stand in them between hyphens.

    `breaks` tells that the text parts words at its lines' ends.
    """

    whole: set[str]
    parts: set[str]
    breaks: bool


def vocabulary(lines: Sequence[Line]) -> Words:
    """Return the words of the lines, but for those that a line's end may have parted."""
    whole: set[str] = set()
    ends: list[tuple[str, str]] = []
    count = inner = 0
    parted = {"": "", "note": ""}
    for line in lines:
        found = _WORD.findall(line.text.casefold())
        count += len(found)
        if line.removed in parted:  # a word may go on after a note or a running head
            if parted[line.removed] and found:
                ends.append((parted[line.removed], found.pop(0)))
            breaks = bool(found) and (line.soft or line.text.endswith(HYPHENS))
            parted[line.removed] = found.pop() if breaks else ""
        inner += sum("-" in word for word in found)
        whole.update(found)
    # Typesetters part words, browsers do not: their lines end with the hyphens of compounds only, and those are few
    # beside the hyphens within the lines.
    parts = {part for word in whole for part in word.split("-")}
    balance = sum((first + second in whole) - (f"{first}-{second}" in whole) for first, second in ends)
    endings = sum(_ENDING.fullmatch(second) is not None for _, second in ends)
    width = sum(len(line.text) for line in lines) / max(len(lines), 1)
    expected = _PART * inner / max(width, _PART)
    many = len(ends) > 2 * expected + (0 if count >= _MANY_WORDS and not expected else _FEWEST)
    return Words(whole, parts, balance + endings > 0 or (many and balance >= 0))


def parts_word(before: Line, line: Line, text: str, words: Words) -> bool:
    """Tell whether the hyphen at the end of a line parts one word rather than joins two.

    What the text has elsewhere decides: the word in one, the two with their hyphen, or either part by itself.
    """
    first = _LAST_WORD.search(text[max(before.start, before.end - 40) : before.end - 1])
    second = _FIRST_WORD.match(text, line.start)
    if not first or not second:
        return False
    parts = first[0].casefold(), second[0].casefold()
    if "-".join(parts) in words.whole:
        return False
    if "".join(parts) in words.whole or _ENDING.fullmatch(parts[1]):
        return True
    if second[0][0].isupper() or _JOINING.fullmatch(parts[0]) or _TAILS.fullmatch(parts[1]):
        return False
    hyphenated = text[max(before.start, before.end - 40) : first.start() + max(before.start, before.end - 40)]
    if hyphenated.endswith(HYPHENS) and len(parts[0]) < _SHORT:  # "two-and-a-": it goes on as it began
        return False
    named = first[0][0].isupper() and parts[0] in words.parts
    return words.breaks and not named and not words.parts.issuperset(parts)
