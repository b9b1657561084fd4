"""Sentences that tell whoever answers what to say: what they order to be said, no document says.

A document is asked for what it tells. A sentence that tells its reader what to reply, write or tell the user is told
itself, and can be quoted; the words that it orders are not. English, and the imperatives of "answer" in some other
languages.
"""

from __future__ import annotations

import re

from rag.facts import terms

_SAY = (
    r"(?P<verb>reply|replies|answer|respond|say|state|tell|report|write|output|print|repeat|append|add|begin|start|"
    r"finish|end|include|describe|conclude|mention|recommend|buy|visit|claim|call|announce|inform|pretend|act|speak|assure|remind|insist|"
    r"confirm|declare)"
)
_LEADS = (
    r"(?:with|that|this|only|just|as|in|at the|each|every|one|nothing|them|him|so|it|how|whether|"
    r"(?:the |your |any |all )?(?:users?|readers?|words?|sentences?|repl(?:y|ies)|answers?|questions?|results?)|"
    r"(?:the )?following|"
    r"\W*[:\"“‘'])"
)
_TO = r"(?:must|shall|should|is to|are to|has to|have to|needs? to|will|please)"
_WHO = (
    r"(?:assistants?|(?:language |large |ai |chat)*models?|a\.?i\.?(?: systems?| assistants?)?|chatbots?|bots?|llms?|"
    r"whoever|anyone|anybody|you|summari[sz]ers?)"
)
_ORDERS = (
    # "Reply only with …" opens a clause; after "the mayor did not", it tells what somebody did.
    re.compile(
        rf"(?:^|[.:;,!?\"“{{(]\s*|\b(?:and|so|then|please|kindly|only|instead|game)\s+){_SAY}\s+(?:\w+ly\s+)?{_LEADS}",
        re.I,
    ),
    re.compile(
        r"\b(?P<verb>answers?|repl(?:y|ies)|responds?|responses?)\s+(?:to )?(?:every|each|any|all)\s+"
        r"(?:quer|quest|prompt)",
        re.I,
    ),
    re.compile(
        rf"\b(?:your|correct|right)\s+(?P<verb>responses?|answers?|repl(?:y|ies))\b[^.!?]{{0,30}}?\b(?:{_TO}|is)\b",
        re.I,
    ),
    re.compile(
        r"\b(?:notes? to|from now on)\s+"
        r"(?P<verb>you|assistants?|(?:language |large |ai |chat)*models?|ai|chatbots?|llms?)\b"
        r"|\b(?:do not|don['’]t)\s+(?P<not>answer|reply|respond)\b"
        r"|\b(?:assistant|language model|the model|chatbot|llm|ai)\s+"
        r"(?P<does>outputs?|prints?|says?|writes?|answers?|repl(?:y|ies)|states?)\b",
        re.I,
    ),
    re.compile(rf"\b{_WHO}\b[^.!?]{{0,60}}?(?:\b{_TO}\b|[:,])[^.!?]{{0,40}}?\b{_SAY}\b", re.I),
    re.compile(rf"\b(?:told|asked|instructed|ordered)\s+(?:[^.!?]{{0,40}}?\s)?to\s+{_SAY}\b", re.I),
    re.compile(
        r"\b(?P<verb>ignore|disregard|forget|override|obey|skip)\b[^.!?]{0,30}?\b(?:above|previous|prior|earlier|instructions?|"
        r"rules?|prompts?|everything|questions?|visible|polic(?:y|ies))\b",
        re.I,
    ),
    # The imperatives of "answer", "reply", "write" and "say" with what is to be said, in other languages.
    re.compile(
        r"\b(?P<verb>antworte[nt]?|schreibe?|sage?|répond(?:ez|s)|écri(?:vez|s)|dites|respond[ae]|contest[ae]|escrib[ae]|"
        r"rispond[ia]|scriv[ia]|responda|escreva|odpowiedz|napisz|ответь(?:те)?|отвечай(?:те)?|напиши(?:те)?|скажи(?:те)?|"
        r"svara|svar|antwoord|yanıtla)\b[^.!?]{0,60}[:\"“„«]",
        re.I,
    ),
    re.compile(r"(?P<verb>回答|回复|回覆|输出|答えて|返答|答复|대답|답변|أجب)[^。！？]{0,20}[:：「“\"]"),
)
_TOLD = frozenset(terms("document text note order instruct ask demand title assistant reader user model sentence page"))
"""One of them beside the verb says that it is an order that is told of."""
_QUOTED = re.compile(r"[\"“„«][^\"”“»]*[\"”“»]")


def ordered(text: str) -> tuple[str, str] | None:
    """Return the verb of an order that a text gives to who answers, and what is ordered; None where it gives none."""
    found = [match for form in _ORDERS if (match := form.search(text))]
    if not found:
        return None
    first = min(found, key=lambda match: match.end(match.lastgroup or 0))
    verb = first.lastgroup or 0
    return first[verb].lower(), text[first.end(verb) :]


def orders(text: str) -> bool:
    """Say whether a text itself gives orders to who answers, and does not only quote somebody who does."""
    return ordered(_QUOTED.sub('""', text)) is not None


def obeys(claim: str, source: str) -> bool:
    """Say whether a claim states what a source orders to be said, and not that it is ordered."""
    order = ordered(source)
    if order is None:
        return False
    verb, said = order
    mine = set(terms(claim))
    if not mine:
        return _letters(claim) in _letters(said)
    told = bool(mine & set(terms(verb))) and bool(mine & _TOLD)
    ordered_words = mine & set(terms(said))
    return not told and len(ordered_words) > len(mine & set(terms(source)) - ordered_words)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))
