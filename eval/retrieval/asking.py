"""The way of a question through the product, as far as its evidence; nothing here is a copy of what it measures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from index.embed import Vectors
from index.library import Library
from rag.catalogue import catalogue_of
from rag.evidence import Evidence, find_evidence
from rag.question import standalone
from rag.reader import EvidenceModel
from rag.retrieve import Candidate, retrieve
from rag.settings import Settings
from rag.types import Query


@dataclass(frozen=True)
class Way:
    """What a question goes through: the evidence model, if there is one, and the settings."""

    reader: EvidenceModel | None
    settings: Settings

    def query(self, question: str, library: Library) -> Query:
        """Return the question as it is searched."""
        return standalone(question, (), catalogue_of(library))

    def first(self, question: str, vector: Vectors, library: Library) -> list[Candidate]:
        """Return the passages of the first look, best first."""
        return retrieve(self.query(question, library), vector, library, self.settings.candidates, self.settings.fusion)

    def evidence(self, question: str, vector: Vectors, library: Library) -> Evidence:
        """Return what the library has on a question."""
        return self.evidence_for(self.query(question, library), vector, library)

    def evidence_for(self, query: Query, vector: Vectors, library: Library) -> Evidence:
        """Return what the library has on a question that stands on its own."""
        found = retrieve(query, vector, library, self.settings.candidates, self.settings.fusion)
        return find_evidence(query, vector, found, library, self.reader)


def distinct(documents: Iterable[str]) -> list[str]:
    """Return documents in the order in which the first passage of each was found."""
    return list(dict.fromkeys(documents))
