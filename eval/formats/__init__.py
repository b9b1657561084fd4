"""Sets of questions with known answers, in every format that is read, checked on loading.

Owns the formats and their errors. Knows nothing of answers or scores; whether a quote stands in a document is found
out by `eval.placing`.
"""

from eval.formats.lines import DOCUMENTS, SCHEMA, line_of, schema
from eval.formats.load import load_set
from eval.formats.types import (
    ANSWERABLE_TYPES,
    REFUSAL_TYPES,
    RETRIEVAL,
    TYPES,
    Evidence,
    Item,
    QuestionSet,
    SetError,
    Text,
)

__all__ = [
    "ANSWERABLE_TYPES",
    "DOCUMENTS",
    "REFUSAL_TYPES",
    "RETRIEVAL",
    "SCHEMA",
    "TYPES",
    "Evidence",
    "Item",
    "QuestionSet",
    "SetError",
    "Text",
    "line_of",
    "load_set",
    "schema",
]
