"""Count what should not stand in a text to be read: page and web furniture, torn sentences, marks glued to words.

    python -m eval.reading.furniture FOLDER [--show]

The detectors are general and know no document; they are wider than the rules of the cleaner and not shared with
them, so that a rule that misses something does not blind its own measure. A count is a suspicion: some are wrong, and
the difference between the raw and the clean text is what tells. "before" counts the lines of the raw text, "after" the
paragraphs, headings, rows and notes of the clean one.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

Finding = tuple[str, str]
"""A kind, and the words that were found."""

_SHORT = 60
_ENDED = re.compile(r"[.!?…:;。！？：；][\"'”’»)\]]*\s*(?:\d{1,3}|\[\d+\])?$")
_ALONE = (
    (
        "page number",
        re.compile(
            r"[\W_]*(?:page|p\.|seite|стр\.?|第)?\s*(?:\d{1,4}|[ivxl]{1,6})\s*(?:页|(?:of|/|von|из)\s*\d+)?[\W_]*"
        ),
    ),
    ("counter", re.compile(r"[\W_]*\d[\d\s.,:/+%-]*[KkMm]?[\W_]*(?:views?|shares?|likes?|comments?)?[\W_]*")),
    ("address alone", re.compile(r"[\W_]*(?:https?://|www\.)\S+[\W_]*")),
    ("ornament", re.compile(r"[\W_]+")),
)
_INSIDE = (
    (
        "caption or credit",
        re.compile(
            r"^\W*(?:photo|image|picture|foto|bild|фото|图片?)\w*\s*(?:source|credit|by|courtesy)?\s*[:/©]"
            r"|\((?:photo|image|foto|фото)\b[^)]*\)|(?:getty images|/\s?(?:afp|epa|reuters)\b|photo by\b)"
            r"|©\s?(?:pool|getty|reuters|afp|\w+ images)",
            re.IGNORECASE,
        ),
    ),
    (
        "comment prompt",
        re.compile(
            r"leave a (?:reply|comment)|post a comment|your e-?mail address will not|required fields are marked"
            r"|want to leave a comment|log ?in to comment|^\W*\d* ?comments?\W*$|оставить комментарий"
            r"|kommentar schreiben|发表评论|комментировать",
            re.IGNORECASE,
        ),
    ),
    (
        "rights notice",
        re.compile(
            r"all rights reserved|^\W*(?:©|copyright\b)|все права защищены|alle rechte vorbehalten|版权所有"
            r"|(?:views?|opinions?|materials?)\b.{0,90}\b(?:do|does|not necessarily)\b.{0,40}\b(?:reflect|represent)"
            r"|(?:kindly )?allows? .{0,60}\bto (?:re)?publish|rights? (?:to|in) this (?:material|article|text)"
            r"|views? expressed .{0,60}\b(?:are|is) (?:that |those )?(?:solely |entirely )?(?:of|his|her|the author)"
            r"|reprinted (?:with|by) permission|placed by the (?:copyright|rights) ?holder",
            re.IGNORECASE,
        ),
    ),
    (
        "menu or prompt",
        re.compile(
            r"^\W*(?:log ?in|sign ?(?:in|up)|register|subscribe|share(?: this.*)?|tweet|print|e-?mail|home|menu|search"
            r"|next|previous|back to top|read (?:more|also|next).*|related (?:articles|posts|stories).*|войти|меню"
            r"|поиск|подписка.*|читайте также.*|anmelden|teilen|startseite|newsletter.*|登录|注册|分享|首页)\W*$"
            r"|subscribe to (?:our|the)|sign up for|newsletter|cookies? (?:policy|settings)|accept (?:all )?cookies",
            re.IGNORECASE,
        ),
    ),
    ("date stamp", re.compile(r"^\W*\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?,?\s+\d{1,2}:\d\d\W*$")),
    ("soft hyphen", re.compile(r"\u00ad|[^\W\d_]{2}[-\u2010]$|[^\W\d_]{2}- (?!and|or|und|oder|to\b|и\b)[^\W\d_]")),
    (
        "glued note mark",
        re.compile(
            r"(?<![\w-])[^\W\d_A-Z][^\W\d_]{2,}[.,;:!?]?[”’\"')»]{0,2}\d{1,3}(?=[\s,;]|$)|[^\W\d_]{4,}[.,;:]?[⁰¹²³⁴-⁹]+"
            r"|[a-zа-я][.,;”’]\[\d{1,3}\]"
        ),
    ),
)
_HEAD_INSIDE = re.compile(
    r"(?<=[^\W\d_A-ZА-Я] )(?:\d{1,3} (?=[A-ZА-Я])[^.!?\n]{10,80}|[A-ZА-Я][^.!?\n]{10,80} \d{1,3}(?= ))"
)
KINDS = (
    *(name for name, _ in _ALONE),
    *(name for name, _ in _INSIDE),
    "running head",
    "head inside a sentence",
    "run of short lines",
    "broken sentence",
)


def measure(texts: Iterable[str]) -> dict[str, int]:
    """Return how often each kind of furniture stands in the texts; each line of a text is a paragraph or a row."""
    counts: Counter[str] = Counter({kind: 0 for kind in KINDS})
    for text in texts:
        counts.update(kind for kind, _ in find(text))
    return dict(counts)


def find(text: str) -> list[Finding]:
    """Return what is suspected in one text, in order of kind."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [finding for line in lines for finding in _in_line(line)]
    found += _repeated(lines)
    found += _short_runs(lines)
    found += _broken(lines)
    return found


def _in_line(line: str) -> Iterator[Finding]:
    alone = next((name for name, pattern in _ALONE if pattern.fullmatch(line)), None)
    if alone:
        yield alone, line
        return
    for name, pattern in _INSIDE:
        match = pattern.search(line)
        if match:
            yield name, line[max(match.start() - 30, 0) : match.end() + 30]


def _repeated(lines: Sequence[str]) -> Iterator[Finding]:
    """Yield short lines that stand in the text three times or more, but for their numbers, and their like inside."""
    keys = Counter(_key(line) for line in lines if _head_like(line))
    often = {key for key, count in keys.items() if count > 2}
    for line in lines:
        if _head_like(line) and _key(line) in often:
            yield "running head", line
    inside = [
        (match[0], re.sub(r"\W*\d+\W*", "", match[0]).casefold()[:24])
        for line in lines
        for match in _HEAD_INSIDE.finditer(line)
    ]
    again = Counter(key for _, key in inside)
    for words, key in inside:
        if again[key] > 1 or any(len(other) > 8 and key.startswith(other[:24]) for other in often):
            yield "head inside a sentence", words


def _head_like(line: str) -> bool:
    return len(line) <= 100 and not _ENDED.search(line) and sum(map(str.isalpha, line)) > 3


def _key(line: str) -> str:
    return " ".join(re.sub(r"\d+", "", line).casefold().split())


def _short_runs(lines: Sequence[str]) -> Iterator[Finding]:
    """Yield the lines of runs of four or more short ones that end no sentence, as menus and side bars are."""
    run: list[str] = []
    for line in [*lines, "."]:
        if len(line) <= _SHORT / 2 and not _ENDED.search(line) and not line[0].islower():
            run.append(line)
            continue
        if len(run) > 3:
            yield from (("run of short lines", short) for short in run)
        run = []


def _broken(lines: Sequence[str]) -> Iterator[Finding]:
    """Yield the beginnings of paragraphs in lower case, and the ends without a full stop of long ones."""
    for i, line in enumerate(lines):
        if line[0].islower() and not re.match(r"[a-z]\)|\S*[@/]|i(?:Phone|Pad)|e[A-Z]", line):
            yield "broken sentence", line[:_SHORT]
        elif len(line) > 200 and line[-1].isalpha() and i + 1 < len(lines):
            yield "broken sentence", line[-_SHORT:]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the counts of a folder of documents before and after cleaning."""
    from index.clean import clean
    from index.errors import ReadError
    from index.read import read

    parser = argparse.ArgumentParser(description="Count furniture before and after cleaning.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", action="store_true", help="show what is suspected after cleaning")
    options = parser.parse_args(arguments)
    before, after, shown = [], [], []
    for path in sorted(path for path in options.folder.rglob("*") if path.is_file()):
        try:
            raw = read(path)
        except ReadError as error:
            sys.stderr.write(f"{error}\n")
            continue
        cleaned = clean(raw).text
        before.append(raw.text)
        after.append(cleaned)
        shown += [f"{path.name}: {kind}: {words}" for kind, words in find(cleaned)]
    counts = measure(before), measure(after)
    rows = [f"{kind:<24}{counts[0][kind]:>8}{counts[1][kind]:>8}" for kind in KINDS]
    total = f"{'in all':<24}{sum(counts[0].values()):>8}{sum(counts[1].values()):>8}"
    head = f"{len(before)} documents{'before':>20}{'after':>8}"
    sys.stdout.write("\n".join([head, *rows, total, *(shown if options.show else [])]) + "\n")


if __name__ == "__main__":
    main()
