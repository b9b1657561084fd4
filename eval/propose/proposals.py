"""Questions proposed from the documents of a library, with their evidence: answerable ones and near misses.

Nothing here enters a set: `eval.propose.session` keeps what a person accepts. The same library, seed and model give
the same proposals in the same order.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eval.formats import Evidence, Item
from eval.propose.checks import Search, gives_away, is_plain, stands_alone
from eval.propose.clauses import YEAR
from eval.propose.drafts import Draft, drafts
from eval.propose.lexicon import Lexicon
from eval.propose.near_misses import NearMiss, NearMisses
from eval.propose.writer import Writer
from index.library import Library
from index.types import Document, Sentence

DOCUMENTS = 200
"""Documents that are read, drawn by chance where a library has more."""
LONGEST_TITLE = 10
"""Most words of a title by which a question is tied to its document."""
SHARE = 0.3
"""Share of near misses among the proposals."""


@dataclass(frozen=True)
class Proposal:
    """A question that may enter a set, and what a person needs to judge it.

    `before` and `after` are the words around the evidence; `note` says how a near miss was made. The item's id is
    empty until it is accepted.
    """

    item: Item
    title: str
    quote: str
    before: str = ""
    after: str = ""
    note: str = ""

    @property
    def key(self) -> str:
        """What it is remembered by: the question, whatever becomes of it."""
        return key_of(self.item.question)


@dataclass(frozen=True)
class _Source:
    """A sentence of a document."""

    document: Document
    sentences: Sequence[Sentence]
    number: int

    @property
    def text(self) -> str:
        return self._text(self.number)

    @property
    def before(self) -> str:
        return self._text(self.number - 1)

    @property
    def after(self) -> str:
        return self._text(self.number + 1)

    def _text(self, number: int) -> str:
        if not 0 <= number < len(self.sentences):
            return ""
        return self.document.text[self.sentences[number].start : self.sentences[number].end]


def key_of(question: str) -> str:
    """Return what a question is remembered by: white space and case do not count."""
    return hashlib.sha256(" ".join(question.casefold().split()).encode()).hexdigest()[:16]


def propose(
    library: Library,
    *,
    share: float = SHARE,
    seed: int = 0,
    writer: Writer | None = None,
    known: Collection[str] = (),
    quotes: Collection[str] = (),
) -> Iterator[Proposal]:
    """Yield proposals, spread over the documents, until the documents give no more.

    Args:
        library: where the documents are.
        share: how many of the proposals are to be near misses, 0 to 1.
        seed: of the order of documents and sentences.
        writer: a chat model that writes questions of sentences of which the forms make none.
        known: keys of questions that are not to be proposed: decided on before, or in the set.
        quotes: evidence that the set has; its sentences are left alone.
    """
    search = Search(library)
    sources = _sources(search, seed)
    texts = [source.text for group in sources for source in group]
    lexicon = Lexicon(texts, _word_list())
    years = re.findall(rf"\b{YEAR}\b", " ".join(texts))
    near_misses = NearMisses(search, lexicon, years)
    used = {" ".join(quote.split()) for quote in quotes}
    given, missed = 0, 0
    types: Counter[str] = Counter()
    seen = set(known)
    for source in _in_turn(sources):
        if " ".join(source.text.split()) in used:
            continue
        draft = _best(source, search, lexicon, writer, types)
        if draft is None or key_of(draft.question) in seen:
            continue
        types[draft.type] += 1
        proposal = _proposal(source, draft)
        if share < 1:
            given += 1
            seen.add(proposal.key)
            yield proposal
        if missed < share * (given + missed + 1):
            miss = near_misses.of(draft.question, source.text)
            if miss and key_of(miss.question) not in seen:
                missed += 1
                seen.add(key_of(miss.question))
                yield _near_miss(proposal, miss)


def _sources(search: Search, seed: int) -> list[list[_Source]]:
    """Return the sentences of the documents, of each in an order by chance."""
    chance = random.Random(seed)
    ids = sorted(search.infos, key=lambda i: (search.infos[i].source, i))
    found = []
    for identity in chance.sample(ids, min(len(ids), DOCUMENTS)):
        document = search.document(identity)
        sentences, _ = search.library.sentences(identity, 0, search.infos[identity].sentences)
        headings = {heading.start for heading in document.headings}
        numbers = [n for n, sentence in enumerate(sentences) if sentence.start not in headings]
        chance.shuffle(numbers)
        found.append([_Source(document, sentences, number) for number in numbers])
    return found


def _in_turn(groups: Sequence[Sequence[_Source]]) -> Iterator[_Source]:
    """Yield from each group in turn."""
    for number in range(max(map(len, groups), default=0)):
        for group in groups:
            if number < len(group):
                yield group[number]


def _best(
    source: _Source, search: Search, lexicon: Lexicon, writer: Writer | None, types: Counter[str]
) -> Draft | None:
    """Return the draft of a sentence that passes the checks, of the type that was proposed least."""
    made = drafts(source.text, lexicon)
    if not made and writer:
        made = writer.drafts(source.text, source.document.title)
    start, end = source.sentences[source.number].start, source.sentences[source.number].end
    for draft in sorted(made, key=lambda d: types[d.type]):
        anchored = _anchored(draft, source.document.metadata.title or "")
        if anchored and not gives_away(anchored.question, draft.facts or ((draft.answer,),)):
            if search.finds(anchored.question, source.document.id, start, end):
                return anchored
    return None


def _anchored(draft: Draft, title: str) -> Draft | None:
    """Return a draft that can be understood alone; one that names nothing is tied to the title of its document."""
    if stands_alone(draft.question):
        return draft
    if draft.vague or not is_plain(draft.question) or not 2 <= len(title.split()) <= LONGEST_TITLE:
        return None
    small = draft.question[0].lower() + draft.question[1:]
    return replace(draft, question=f"According to “{title}”, {small}")


def _proposal(source: _Source, draft: Draft) -> Proposal:
    document = source.document
    name = re.split(r"[/\\]", document.source)[-1]
    page = document.page_at(source.sentences[source.number].start)
    evidence = Evidence(name, source.text, page)
    item = Item("", draft.question, draft.type, draft.answer, (), draft.facts, (evidence,))
    return Proposal(item, document.title, source.text, source.before, source.after)


def _near_miss(proposal: Proposal, miss: NearMiss) -> Proposal:
    item = Item("", miss.question, "unanswerable", "", (), (), ())
    return replace(proposal, item=item, note=f"{miss.now!r} stands in the place of {miss.was!r}")


def _word_list() -> list[str]:
    """Return the words of the default embedder's vocabulary, which tell base forms of verbs; none without it."""
    from tokenizers import Tokenizer

    from index.embed import DEFAULT, find_weights

    folder = find_weights(DEFAULT)
    path = Path(folder or "", "tokenizer.json")
    return [w for w in Tokenizer.from_file(str(path)).get_vocab() if w.isalpha()] if folder and path.exists() else []
