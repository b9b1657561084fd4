"""Questions from plain sentences, by the forms that English questions have: when, how many, who, where, what.

A question about the subject only puts "who" or "what" in its place; the others move the auxiliary before the subject
or put in "did". Every draft has its answer in the words of the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from eval.propose.clauses import TIME, Clause, parse, parts
from eval.propose.lexicon import Lexicon
from eval.propose.verbs import BE, SINGULAR, SPEECH, base_of
from rag.facts import numbers

_NAME = r"(?:[A-Z][\w’'.-]*)(?: (?:of |the |and |de |von |for )*[A-Z][\w’'.-]*)*"
_NUMERAL = (
    r"(?:[$€£]\s?)?\d[\d,]*(?:\.\d+)?(?: (?:hundred|thousand|million|billion|trillion))?|"
    r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    r"eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-\w+)?"
    r"(?: (?:hundred|thousand|million|billion))?"
)
_ABOUT = (
    r"(?:(?:about|some|nearly|almost|over|around|roughly|only|just|at least|up to|more than|fewer than|less than|"
    r"an estimated|another) )?"
)
_COUNTED = re.compile(rf"^{_ABOUT}(?P<number>{_NUMERAL}) (?P<things>[a-z].*)$")
_MONEY = re.compile(
    rf"^{_ABOUT}(?P<number>[$€£]\s?\d[\d,.]*(?: (?:million|billion|trillion|thousand))?|"
    rf"(?:{_NUMERAL}) (?:dollars|euros|roubles|rubles|yuan|pounds|yen|francs))\b(?P<rest>.*)$"
)
_SHARE = re.compile(rf"^{_ABOUT}(?P<number>(?:{_NUMERAL})(?: ?%| per ?cent)) of (?P<whole>[^,]*)$")
_CHANGED = re.compile(
    rf"^(?:by )?{_ABOUT}(?P<number>(?:{_NUMERAL})(?: ?%| per ?cent))(?P<rest>(?: (?:in|on|during|since).*)?)$"
)
_CHANGES = frozenset("grew rose fell increased declined dropped shrank decreased climbed jumped".split())
_PAYMENTS = frozenset("paid spent invested cost earned owed lent borrowed reached received raised lost".split())
_PEOPLE = (
    r"(?:director|minister|president|premier|chancellor|economist|historian|writer|general|admiral|colonel|leader|chairman|"
    r"chairwoman|ambassador|diplomat|author|professor|head|governor|mayor|founder|lawyer|judge|scholar|scientist|engineer|"
    r"officer|commander|analyst|journalist|poet|painter|king|queen|emperor|trader|farmer|teacher|secretary|spokesman|"
    r"spokeswoman|manager|owner|captain|physicist|chemist|philosopher|politician|senator|deputy|fellow|researcher|resident|member|student)"
)
_PLACED = frozenset("held signed built born founded opened met launched published killed buried made produced".split())
_STOPS = frozenset(
    "in on at by for with from to into over under between during since until through against across per near".split()
)
_PLURALS = frozenset("people men women children staff aircraft".split())


RARE = 3
"""A name that occurs more often is not made known by what one sentence says it is."""


@dataclass(frozen=True)
class Draft:
    """A question with its answer in the words of a sentence; `facts` are the ways to say what it must have.

    `vague`: what it is about has no more than "the" and a noun to be known by.
    """

    question: str
    answer: str
    type: str
    facts: tuple[tuple[str, ...], ...]
    vague: bool = False


def drafts(sentence: str, words: Lexicon) -> list[Draft]:
    """Return the questions that a sentence can be turned into, best first; none when it is not plain.

    `words` are those of the documents: they tell base forms of verbs, and what needs no capital.
    """
    made: list[Draft] = []
    for part in parts(sentence):
        if clause := parse(part):
            for form in (_why, _how_many, _when, _by_whom, _where, _what_is, _who):
                made += (replace(draft, vague=_is_vague(clause.subject)) for draft in form(clause, words))
    return made


def _why(clause: Clause, words: Lexicon) -> Iterator[Draft]:
    if clause.reason and len(clause.reason.split()) > 3:
        if asked := _inverted("Why", clause, clause.rest, words):
            yield Draft(asked, clause.reason[0].upper() + clause.reason[1:].rstrip(".") + ".", "reason", ())


def _when(clause: Clause, words: Lexicon) -> Iterator[Draft]:
    found = TIME.search(clause.rest)
    times = bool(clause.time) + len(TIME.findall(clause.rest))
    if times != 1 or clause.present or clause.verb in ("is", "are") or (clause.verb in BE and not clause.chain):
        return
    time = clause.time or (found[0] if found else "")
    rest = clause.rest if clause.time or not found else _without(clause.rest, found.span())
    asked = _inverted("When", clause, rest, words, time=False)
    if asked:
        answer = time.split(" ", 1)[1]
        parts = re.findall(r"\d{1,2} [A-Z]\w+|[A-Z]\w+ \d{1,2}(?!\d)|[A-Z]\w+|\d{4}", answer)
        yield Draft(asked, answer, "date", tuple((p, " ".join(p.split()[::-1])) if " " in p else (p,) for p in parts))


def _how_many(clause: Clause, words: Lexicon) -> Iterator[Draft]:
    if inside := _COUNTED.match(clause.subject[0].lower() + clause.subject[1:]):
        rest = " ".join(filter(None, (clause.verb, clause.chain, clause.rest)))
        if _is_plural(inside["things"]):
            asked = _first(f"How many {inside['things']} {rest}", clause.time)
            yield _number(f"{asked}?", inside["number"], inside["things"])
        return
    for wh, number, things, rest in _measures(clause):
        question = _inverted(wh, clause, rest, words)
        if question:
            yield _number(question, number, things)


def _measures(clause: Clause) -> Iterator[tuple[str, str, str, str]]:
    """Yield how to ask for a number that follows the verb, the number, what it counts, and what is left to say."""
    if found := _SHARE.match(clause.rest):
        whole, rest = _phrase(found["whole"])
        if not re.search(r"\d", whole):
            yield f"What percentage of {whole}", found["number"], "", rest
    elif (found := _MONEY.match(clause.rest)) and clause.verb in _PAYMENTS | BE:
        yield "How much", found["number"], "", found["rest"].strip()
    elif (found := _CHANGED.match(clause.rest)) and clause.verb in _CHANGES:
        yield "By how much", found["number"], "", found["rest"].strip()
    elif clause.verb in BE and not clause.chain:
        return  # "the speeds are 30 knots" does not count knots
    elif (found := _COUNTED.match(clause.rest)) and not _is_year(found["number"]):
        things, rest = _phrase(found["things"])
        if _is_plural(things):
            yield f"How many {things}", found["number"], things, rest


def _by_whom(clause: Clause, words: Lexicon) -> Iterator[Draft]:
    found = re.search(
        rf"(?:^| )by (?P<name>(?:the )?{_NAME})$|(?:^| )by (?P<first>(?:the )?{_NAME})(?= (?:in|on|at) )", clause.rest
    )
    if found and clause.passive:
        name = found["name"] or found["first"]
        if asked := _inverted("By whom", clause, _without(clause.rest, found.span()), words):
            yield Draft(asked, name, "factoid", _name_facts(name))


def _where(clause: Clause, words: Lexicon) -> Iterator[Draft]:
    found = re.search(rf"(?:^| )(?:in|at) (?P<place>(?:the )?{_NAME})(?=$| in | on )", clause.rest)
    verb = clause.chain.split()[-1] if clause.chain else clause.verb
    if found and verb in _PLACED and not TIME.search(found[0]):
        if asked := _inverted("Where", clause, _without(clause.rest, found.span()), words):
            yield Draft(asked, found["place"], "factoid", _name_facts(found["place"]))


def _what_is(clause: Clause, words: Lexicon) -> Iterator[Draft]:
    """Ask for what a name is said to be."""
    plain = re.fullmatch(rf"(?:The )?{_NAME}", clause.subject)
    if plain and clause.verb in ("is", "was") and not clause.chain and re.match(r"(?:an?|the) [a-z]", clause.rest):
        if len(clause.rest.split()) < 4 or numbers(clause.rest) or clause.time or words.names[clause.subject] > RARE:
            return
        head = clause.rest.split(" of ")[0]
        wh = "Who" if re.search(rf"\b{_PEOPLE}\b", head) and len(clause.subject.split()) > 1 else "What"
        subject = re.sub("^The ", "the ", clause.subject)
        yield Draft(f"{wh} {clause.verb} {subject}?", clause.rest, "factoid", ())


def _who(clause: Clause, words: Lexicon) -> Iterator[Draft]:
    """Ask for the subject: the rest of the sentence stays as it is."""
    person = re.fullmatch(rf"(?:[Tt]he |A |An )?(?:[a-z-]+ )*(?P<name>{_NAME})", clause.subject)
    if person is None or clause.passive or not clause.rest:
        return
    name = person["name"].removeprefix("The ")
    bare = name == clause.subject
    said = clause.verb in SPEECH
    agent = bare and not re.search(r"\d| of | the ", name) and not words.is_common(name.split()[0])
    if not said and (not agent or clause.verb in BE or len(clause.rest.split()) < 4):
        return
    if re.search(r"\b(?:he|she|they|it|his|her|their|its|we|our|this|these)\b", clause.rest):
        return
    verb = SINGULAR.get(clause.verb, clause.verb)
    asked = _first(" ".join(filter(None, ("Who", verb, clause.chain, clause.rest))), clause.time)
    yield Draft(f"{asked}?", name, "who-said" if said else "factoid", _name_facts(name))


def _inverted(wh: str, clause: Clause, rest: str, words: Lexicon, *, time: bool = True) -> str | None:
    """Return a question whose auxiliary goes before its subject, or None when the verb's base is not known."""
    subject = _small(clause.subject, words)
    if clause.auxiliary:
        parts = [wh, clause.verb, subject, clause.chain, rest]
    else:
        base = "have" if clause.verb in ("has", "have", "had") else base_of(clause.verb, words)
        if base is None:
            return None
        do = ("do" if clause.verb == "have" else "does") if clause.present else "did"
        parts = [wh, do, subject, base, rest]
    return _first(" ".join(filter(None, parts)), clause.time if time else "") + "?"


def _first(asked: str, time: str) -> str:
    """Return a question with a time before it: "In 2013, how many"."""
    return f"{time[0].upper()}{time[1:]}, {asked[0].lower()}{asked[1:]}" if time else asked


def _small(subject: str, words: Lexicon) -> str:
    """Return a subject as it stands within a sentence: without the capital that only its place gave it."""
    first, _, after = subject.partition(" ")
    if first in ("The", "A", "An", "Some", "About", "Nearly", "Almost", "Over", "More", "Only", "At", "Two"):
        return subject[0].lower() + subject[1:]
    if words.is_common(first) and not after[:1].isupper() and not first.isupper():
        return subject[0].lower() + subject[1:]
    return subject


def _is_vague(subject: str) -> bool:
    return re.fullmatch(r"[Tt]he (?:[a-z]+ )?[a-z]+", subject) is not None


def _phrase(text: str) -> tuple[str, str]:
    """Return the noun phrase that a text begins with, and the rest."""
    words = text.split()
    end = next((i for i, word in enumerate(words) if word in _STOPS), len(words))
    return " ".join(words[:end]), " ".join(words[end:])


def _is_plural(things: str) -> bool:
    head = things.split(" of ")[0].split()
    return bool(head) and len(head) <= 4 and (head[-1] in _PLURALS or (head[-1].endswith("s") and head[-1] != "times"))


def _is_year(number: str) -> bool:
    return bool(re.fullmatch(r"1[5-9]\d\d|20\d\d", number))


def _number(question: str, number: str, things: str = "") -> Draft:
    answer = f"{number} {things}".strip() if len(things.split()) <= 3 else number
    bare = re.sub(r"^[$€£]\s?| ?%$| per ?cent$| (?:dollars|euros|roubles|rubles|yuan|pounds|yen|francs)$", "", number)
    ways = [bare]
    value = next(iter(numbers(number)), None)
    if value is not None and value.is_integer() and value < 1e4:
        ways += [f"{value:.0f}", f"{value:,.0f}"]
    return Draft(question, answer, "number", (tuple(dict.fromkeys(ways)),))


def _name_facts(name: str) -> tuple[tuple[str, ...], ...]:
    """Return what an answer must have of names: of a person's the last word will do."""
    facts = []
    for part in re.split(r" and (?=[A-Z]\w+ [A-Z])", re.sub("^[Tt]he ", "", name)):
        words = part.split()
        person = 2 <= len(words) <= 3 and all(word[0].isupper() for word in words)
        facts.append((part, words[-1]) if person else (part,))
    return tuple(facts)


def _without(text: str, span: tuple[int, int]) -> str:
    return " ".join(f"{text[: span[0]]} {text[span[1] :]}".split())
