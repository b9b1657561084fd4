"""Abbreviations of many languages, and whether one ends a sentence."""

from __future__ import annotations

import re

# Before a name; before a number; within a sentence always; at its end as often as within it.
_TITLES = (
    "Mr|Mrs|Ms|Messrs|Dr|Drs|Prof|Gen|Brig|Col|Maj|Capt|Cpt|Lt|Sgt|Cpl|Adm|Cdr|Sen|Rep|Gov|Pres|Amb|St|Ste|Rev|Hon"
    "|Fr|Ft|Mt"
    "|Bros|v|vs|Mme|Mlle|MM|Me|Hr|Hrn|Sr|Sra|Srta|Sig|Dña|Dhr|Mevr|Dott|Ing|г|гр|г-н|г-жа|ул|пер|пл|пос|оз|о|им"
    "|акад|проф|доц"
    "|тов|см|ср|напр|вул|ім|див"
)
_BEFORE_NUMBERS = (
    "[Nn]os?|[Vv]ols?|pp?|pgs?|[Ff]igs?|[Ss]ecs?|[Cc]hs?|[Cc]hap|[Aa]rts?|[Pp]ar|[Ee]qs?|[Tt]ab|[Nn]r|[Bb]d|[Aa]bb"
    "|[Aa]bs"
    "|[Aa]pprox|ca?|cf|[Vv]gl|[Ii]ss|[Ee]d|Jan|Feb|Febr|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Okt|Nov|Dec|Dez|[Ss]t|[Ss]tr"
    "|núm|n[uº]m"
    "|ст|стр|с|гл|рис|табл|п|пп|т|д|кв|вып"
)
_WITHIN = (
    r"e\.g|i\.e|viz|resp|bzw|z\.\s?B|d\.\s?h|u\.\s?a|i\.\s?d\.\s?R|i\.\s?d|o\.\s?a|o\.\s?ä|m\.\s?E|sog|gegr|geb|gest|insb|einschl|zzgl"
    r"|ggf|evtl|p\.\s?ex|c\.-à-d|т\.\s?е|т\.\s?к|т\.\s?н|т\.\s?ч|и\.\s?о|др|av|apr|EE"
)
_AT_THE_END = (
    r"etc|usw|u\.\s?s\.\s?w|u\.\s?v\.\s?m|env|ff|Mio|Mrd|Tsd|Inc|Ltd|Corp|Co|Jr|Sr|Esq|deg|"
    r"г|гг|р|рр|в|вв|руб|коп|млн|млрд|тыс|чел|др|н\.\s?э|т\.\s?д|т\.\s?п|т\.\s?ч|ч|мин|км|кг|a\.\s?m|p\.\s?m"
)
_BEGIN = r"(?:^|[\s(\[“‘„«\"'])"
_INITIAL = r"[^\W\d_](?:\.-?\s?[^\W\d_])*"
_END = re.compile(
    rf"{_BEGIN}(?:(?P<ending>{_AT_THE_END})|(?P<title>{_TITLES})|(?P<number>{_BEFORE_NUMBERS})|(?P<within>{_WITHIN})"
    rf"|(?P<initial>{_INITIAL}))\.$"
)
_BEFORE_CAPITAL = re.compile(r"\.\s+(?=[\"“«„(—–]?\s?[A-ZÀ-ÖØ-ÞА-ЯЁ])")
_MAY_END = re.compile(rf"(?:^|[\s\d])(?:{_AT_THE_END})$")
_ORDINAL = re.compile(r"(?:^|\s)(?:\d{1,2}|[IVX]{1,5})\.$")
_WITH_ORDINALS = frozenset({"de", "da", "nb", "no", "nn", "fi", "is", "hu", "cs", "sk", "sl", "hr", "et", "lv", "tr"})
_YEARS = frozenset({"г", "гг", "р", "рр"})
_SURE = re.compile(r"(?:т\.\s?[дп]|etc|usw|u\.\s?s\.\s?w|ff)$")
"""Abbreviations that close a list: a capital after one begins a sentence."""

# Words that hardly ever follow an abbreviation within a sentence with a capital.
_STARTERS = {
    "en": "The|This|These|Those|That|It|In|He|She|They|We|But|However|And|A|An|As|At|For|While|When|Its|His|Their"
    "|Some|There",
    "de": "Der|Die|Das|Den|Dem|Des|Ein|Eine|Er|Sie|Es|Wir|Ich|Im|In|Am|An|Auf|Aber|Und|Doch|Dann|Da|Dort|Hier|Heute"
    "|Diese[rsmn]?"
    "|Niemand|Alle|Auch|Als|Wenn|Nach|Vor|Zu|Zum|Zur|Mit|Für|So|Seit|Nur|Noch|Man|Sein|Ihr|Wer|Was",
    "fr": "Le|La|Les|L['’]\\w+|Un|Une|Des|Il|Elle|Ils|Elles|On|Nous|Ce|Cette|Ces|C['’]\\w+|Mais|Et|Dans|En|Au|Aux"
    "|Puis|Pour|Sur|Tout"
    "|Personne|Je|Son|Sa|Ses",
    "ru": "Он|Она|Оно|Они|Мы|Я|Это|Этот|Эта|Эти|Тот|В|Во|На|По|Из|За|И|Но|А|Однако|Там|Тогда|Потом|Затем|Так|Как"
    "|Когда|Если|Его|Её|Их"
    "|С|Со|К|До|От|Для|При|После|Все|Всё|Никто|Ничего|Здесь|Сегодня|Позже|Летом|Зимой|Сейчас|Теперь|Не|Что|Чтобы|У"
    "|О|Об|Многие",
}
STARTERS = _STARTERS["en"]

_STARTER = {code: re.compile(rf"[\"“«„(]?(?:{words})(?=\s+[^\W\d_])") for code, words in _STARTERS.items()}
_ENGLISH_AFTER_INITIALS = re.compile(rf"(?:{_STARTERS['en']})\s+[a-z]")

_YEAR = re.compile(r"(?:^|[,;:(]\s*|\s[—–]\s)(?:[^\W\d_]+\s+){0,2}[\d–-]+\s*(?:гг?|рр?)\.$")
"""A year at the head of a clause ("Уже в 1941 г. …"): the clause goes on."""

_TAIL = 16


def possible_ends(text: str) -> set[int]:
    """Return where a capital follows an abbreviation that may end a sentence; `goes_on` tells whether it does."""
    return {
        match.end()
        for match in _BEFORE_CAPITAL.finditer(text)
        if _MAY_END.search(text, max(match.start() - _TAIL, 0), match.start())
    }


def goes_on(earlier: str, later: str, language: str) -> bool:
    """Tell whether the full stop that `earlier` ends with is an abbreviation's, and the sentence goes on in `later`."""
    tail = earlier[-_TAIL:]
    starts = starts_sentence(later, language)
    if language in _WITH_ORDINALS and _ORDINAL.search(tail):
        return not starts
    known = _END.search(tail)
    if not known:
        return False
    first = later.lstrip("\"'“‘„«([")[:1]
    if known["ending"]:
        listed = _SURE.search(known["ending"]) is not None
        dated = known["ending"] in _YEARS and tail[: known.start("ending")].rstrip()[-1:].isdigit()
        ended = starts or (first.isupper() and (listed or (dated and not _YEAR.search(earlier))))
        return not ended
    if known["number"]:
        return first.isdigit() or (first in "IVX" and re.match(r"[IVX]+\b", later.lstrip()) is not None)
    if known["initial"]:
        return not ("." in known["initial"] and (starts or _ENGLISH_AFTER_INITIALS.match(later)))
    return True


def starts_sentence(text: str, language: str) -> bool:
    """Tell whether a text begins with a word that begins sentences."""
    known = _STARTER.get({"uk": "ru", "be": "ru", "bg": "ru"}.get(language, language), _STARTER["en"])
    return known.match(text) is not None
