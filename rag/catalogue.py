"""What a question may name documents by: their authors, publishers, titles, dates, types and files.

Derived from a library's list of documents and kept until the library changes, so that a question does not list them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import PurePosixPath
from weakref import WeakKeyDictionary

from index.library import Library
from index.types import DocumentInfo

Words = tuple[str, ...]

_BETWEEN_PEOPLE = re.compile(r"\s*(?:[;&/|\n]|,?\s(?:and|und|et|y|e|и)\s)\s*", re.I)
_LETTERS_AFTER = frozenset("jr sr ii iii iv phd md dphil esq al et ed eds".split())
_BODIES = frozenset(
    """agency association authority bank board bureau center centre college commission committee company council
    department desk division editorial editors foundation fund government group inc institute league limited ltd
    magazine ministry network news office organisation organization party press project secretariat service services
    society staff team times trust union university""".split()
)
"""The last words of bodies that write: "Bank" alone names no World Bank."""
_SUBTITLE = re.compile(r"[:?!–—|]|\s-\s|\.\s")
_ISSUE = re.compile(r"[,;(]|\b(?:no|nr|vol|issue)\b\.?", re.I)
_ARTICLES = frozenset(("the", "a", "an"))


def folded(text: str) -> str:
    """Return a text without case and accents, for comparing names."""
    return unaccented(text.casefold())


def unaccented(text: str) -> str:
    """Return a text without accents, its letters otherwise as they are."""
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def words_of(text: str) -> Words:
    """Return the words of a text, folded; a possessive counts as the name itself."""
    return tuple(re.findall(r"\w+", re.sub(r"['’]s\b|s['’](?=\s)", "", folded(text))))


class Catalogue:
    """The documents of a library, found by what a question may call them."""

    def __init__(self, documents: Iterable[DocumentInfo], paths: Mapping[str, Sequence[str]] | None = None) -> None:
        self.documents = {info.id: info for info in documents}
        self._paths = paths or {}

    def paths(self, document: str) -> Sequence[str]:
        """Return every path that leads to a document, with "/" between its parts."""
        found = self._paths.get(document) or (self.documents[document].source,)
        return [path.replace("\\", "/") for path in found]

    def file_names(self, document: str) -> set[str]:
        """Return the names of a document's files."""
        return {PurePosixPath(path).name for path in self.paths(document)}

    @cached_property
    def passages(self) -> int:
        """How many passages there are."""
        return sum(info.passages for info in self.documents.values())

    @cached_property
    def people(self) -> dict[str, dict[Words, set[str]]]:
        """Authors by surname: the words of their names, and the documents of each.

        A body ("World Bank") stands under its whole name.
        """
        found: dict[str, dict[Words, set[str]]] = defaultdict(lambda: defaultdict(set))
        for info in self.documents.values():
            for name, surname in people(info.metadata.author or ""):
                found[surname][name].add(info.id)
        return found

    @cached_property
    def publishers(self) -> dict[Words, set[str]]:
        """Publishers by the words of their names, without the number of an issue."""
        found: dict[Words, set[str]] = defaultdict(set)
        for info in self.documents.values():
            if name := _without_article(words_of(_ISSUE.split(info.metadata.publisher or "")[0])):
                found[name].add(info.id)
        return found

    @cached_property
    def titles(self) -> dict[Words, set[str]]:
        """Titles of two words or more by their words, each whole and without its subtitle."""
        found: dict[Words, set[str]] = defaultdict(set)
        for info in self.documents.values():
            title = info.metadata.title or ""
            for part in {title, _SUBTITLE.split(title)[0]}:
                name = _without_article(words_of(part))
                if len(name) >= 2:
                    found[name].add(info.id)
        return found

    @cached_property
    def pairs(self) -> dict[Words, set[str]]:
        """Documents by each two words that follow one another in their titles or file names."""
        found: dict[Words, set[str]] = defaultdict(set)
        for info in self.documents.values():
            for name in (info.metadata.title or "", *self.file_names(info.id)):
                spoken = words_of(name.replace("_", " "))
                for pair in pairwise(spoken):
                    found[pair].add(info.id)
        return found

    @cached_property
    def files(self) -> dict[str, set[str]]:
        """Documents by the names of their files, in lower case."""
        found: dict[str, set[str]] = defaultdict(set)
        for identity in self.documents:
            for name in self.file_names(identity):
                found[name.lower()].add(identity)
        return found

    @cached_property
    def years(self) -> dict[str, set[str]]:
        """Documents by the years in their titles and file names: an annual report of 2019 is dated 2020."""
        found: dict[str, set[str]] = defaultdict(set)
        for info in self.documents.values():
            names = " ".join([info.title, *self.file_names(info.id)])
            for year in re.findall(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)", names):
                found[year].add(info.id)
        return found


def people(authors: str) -> list[tuple[Words, str]]:
    """Return the names in an author's line, each in words, and the surname by which each is called."""
    found = []
    for name in _BETWEEN_PEOPLE.split(authors):
        parts = [part for part in name.split(",") if set(words_of(part)) - _LETTERS_AFTER]
        several = len(parts) > 1 and all(len(words_of(part)) > 1 for part in parts)
        for person in parts if several else [name]:
            spoken = tuple(w for w in words_of(person) if w not in _LETTERS_AFTER)
            if spoken:
                # "Falk, Ines" is one person, whose surname goes first.
                first = len(parts) == 2 and not several and len(words_of(parts[0])) == 1
                surname = spoken[0] if first else spoken[-1]
                found.append((spoken, " ".join(spoken) if surname in _BODIES else surname))
    return found


def _without_article(name: Words) -> Words:
    return name[1:] if name[:1] and name[0] in _ARTICLES else name


_KEPT: WeakKeyDictionary[Library, tuple[Mapping[str, DocumentInfo], Catalogue]] = WeakKeyDictionary()


def catalogue_of(library: Library) -> Catalogue:
    """Return the catalogue of a library, made anew only when the library has changed."""
    infos = library.infos()
    kept = _KEPT.get(library)
    if kept is None or kept[0] is not infos:
        paths: dict[str, list[str]] = defaultdict(list)
        for path, document in library.store.sources().items():
            paths[document].append(path)
        kept = _KEPT[library] = infos, Catalogue(infos.values(), paths)
    return kept[1]
