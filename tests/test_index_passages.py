from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from index.passages import passages
from index.types import Alignment, Document, Heading, Metadata, Sentence


def _document(parts: list[str], headings: dict[int, int] | None = None) -> tuple[Document, list[Sentence]]:
    """Return a document of these sentences; `headings` maps the number of a sentence to its level."""
    text, sentences = "", []
    for part in parts:
        sentences.append(Sentence(len(text), len(text) + len(part)))
        text += part + " "
    marked = tuple(Heading(sentences[n].start, sentences[n].end, level) for n, level in (headings or {}).items())
    return Document("d", "d.txt", "txt", Metadata(), text, text, Alignment(()), marked, pages=(0, 6)), sentences


def test_a_passage_ends_where_the_budget_does() -> None:
    document, sentences = _document(["One.", "Two.", "Three.", "Four."])
    made = passages(document, sentences, [5, 5, 5, 5], budget=10)
    assert [(p.first, p.last) for p in made] == [(0, 1), (2, 3)]
    assert [document.text[p.start : p.end] for p in made] == ["One. Two.", "Three. Four."]
    assert [p.page for p in made] == [1, 2]


def test_sentences_are_shared_evenly_rather_than_leaving_a_rest() -> None:
    document, sentences = _document(["a."] * 6)
    assert [(p.first, p.last) for p in passages(document, sentences, [2] * 6, budget=10)] == [(0, 2), (3, 5)]


def test_headings_name_passages_and_are_none() -> None:
    document, sentences = _document(
        ["Trade", "Oil", "It flows.", "Gas", "It burns.", "Arms", "None."], {0: 1, 1: 2, 3: 2, 5: 1}
    )
    made = passages(document, sentences, [1] * 7, budget=10)
    assert [(p.heading, p.first, p.last) for p in made] == [
        ("Trade › Oil", 2, 2),
        ("Trade › Gas", 4, 4),
        ("Arms", 6, 6),
    ]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=60), st.integers(1, 40))
def test_every_sentence_is_in_one_passage_and_none_is_over_the_budget(tokens: list[int], budget: int) -> None:
    document, sentences = _document(["x."] * len(tokens))
    made = passages(document, sentences, tokens, budget)
    assert [n for p in made for n in range(p.first, p.last + 1)] == list(range(len(tokens)))
    for p in made:
        assert p.first == p.last or sum(tokens[p.first : p.last + 1]) <= budget
