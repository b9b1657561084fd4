"""Know a line of page or web furniture when it stands alone.

Owns the phrases of menus, log-in links, newsletters, comment boxes, rights notices and photo credits, and the
shapes of counters and page numbers. Decides by one line only; `index.running` decides by where lines stand.
"""

from __future__ import annotations

import re

_MAX_LENGTH = 260
_MAX_NOTICE = 400
_END = re.compile(r"[.!?…。！？][”’\"'»)\]]*$")
_WORD = re.compile(r"[^\W\d_]+")

# Each pattern must match the whole line (but for punctuation), so that a sentence about cookies stays a
# sentence.
_PHRASES = r"""
# access
(?:log|sign) ?(?:in|out|on|up)(?: (?:/|or|and) (?:register|(?:log|sign) ?(?:in|up)))?|register
my account|войти|регистрация|вход|anmelden|registrieren|einloggen|connexion|s['’]inscrire|se connecter
iniciar sesión|登录|注册
# menus
menu|home|search|main menu|skip to (?:main )?(?:content|navigation)|navigation|toggle navigation
show menu|close|back to top|read more|more|load more|show more|see (?:more|all|also)|next|previous
older posts|newer posts|меню|поиск|главная|читать далее|suche|startseite|mehr lesen|weiterlesen|accueil
lire la suite|menú|inicio|首页
about(?: us)?|contact(?: us)?|contacts|sitemap|site map|faq|help|careers|advertise(?: with us)?
advertisement|terms(?: of (?:use|service))?(?: (?:and|&) conditions)?|privacy(?: policy)?
cookie (?:policy|settings)|imprint|реклама|контакты|о нас|impressum|datenschutz|kontakt|werbung|anzeige
mentions légales|publicité|contacto
# sharing
(?:share|tweet|print|e-?mail|save|like|follow us|pin it)(?: (?:this|on|via|to|by|with) [^.,;!?]{0,40})?
bookmark|copy link|share(?: (?:this|article|page|story|post))*|facebook|twitter|linkedin|whatsapp|telegram|instagram
youtube|reddit|pinterest|поделиться|teilen|drucken|partager|imprimer|compartir|分享
(?:\d+ )?(?:shares|likes|views|просмотр\w*)
# comments
(?:leave|post|add|write) (?:a )?(?:reply|comment)|cancel reply|(?:\d+ |no )?comments?(?: \(\d+\))?
discussion|your email address will not be published.*|required fields are marked.*
(?:do you )?(?:want|wish) to (?:leave|post|add) a comment.*
(?:you must|please) (?:be logged|log|sign|register).{0,60}|comments are closed|reply|update
обсуждение|обновить|комментари\w+.{0,20}|оставить комментарий|kommentare?|kommentar schreiben
commentaires?|评论
# newsletters and cookies
(?:subscribe|sign up|get|join)\b.{0,60}\b(?:newsletters?|updates|alerts|inbox|mailing list|e-?mails?)
newsletter|subscribe|subscription|подписка на .{0,40}|подпис(?:ка|аться)|ежедневная рассылка.*
рассылка.*|abonnieren|newsletter abonnieren|s['’]abonner|suscríbete|enter your e-?mail.{0,40}|订阅
(?:we|this (?:web)?site) uses? cookies.*|accept(?: all)?(?: cookies)?
by (?:continuing|using) .{0,80}cookies.*|мы используем (?:файлы )?cookie.*|wir verwenden cookies.*
ce site utilise des cookies.*
# related
(?:related|recommended|popular|trending|latest|most (?:read|popular|viewed)|recent|top)(?: \w+)?
more (?:articles|stories|posts|news|videos|links|from .{0,40})
you (?:may|might) (?:also )?like|read (?:also|next)|what to read next|up next|tags?|topics|categories
archives?|original publication|source|filed under.*|posted in.*|tagged.*|читайте также.*
lesen sie auch.*|lire aussi.*|相关阅读|更多
# rights
(?:©|\(c\)|copyright)\s.{0,120}|.{0,80}\ball rights reserved|все права защищены.*
alle rechte vorbehalten|tous droits réservés
(?:the )?(?:rights?|copyright) (?:to|in|of) (?:this|the) (?:material|article|text)s?.{0,60}
.{0,40}(?:placed|published|posted) by the (?:copyright|rights) ?holder.{0,60}
.{0,120}(?:reflect|represent|express) the (?:editorial|editors).{0,60}
powered by .{0,40}|版权所有.*
# credits
(?:image|photo|picture|foto|bild|фото|图|图片)s?(?: (?:source|credit|by|courtesy(?: of)?))?\s*[:：/]\s*.{1,240}
(?:source of (?:the )?image|bildquelle|источник изображения)\s*:?.{1,80}
\(?(?:ap|afp|getty(?: images)?|reuters|epa|xinhua|tass)(?: photo)?(?:\s*/\s*.{1,60})?\)?
.{0,60}/\s*(?:ap|afp|getty images|reuters|epa)
"""
_ANY = "|".join(line for line in _PHRASES.split("\n") if line and not line.startswith("#"))
_FURNITURE = re.compile(rf"[\W_]*(?:{_ANY})[\W_]*", re.IGNORECASE)

# Notices below (or above) a text, a paragraph each. They are sentences, so where they stand must tell as well.
_NOTICES = r"""
(?:the )?(?:views?|opinions?)(?: and (?:views?|opinions?))? (?:expressed|stated|contained)\b.{0,300}
.{0,120}\b(?:views?|opinions?)\b.{0,60}\b(?:are|is) (?:solely |entirely )?(?:those of|his|her|the author).{0,200}
.{0,120}\bkindly (?:allow|permit)s? .{0,60}\bto (?:re)?(?:publish|print|post)\b.{0,300}
.{0,80}\b(?:re)?(?:printed|published|posted) (?:here )?(?:with|by) (?:the )?(?:kind )?permission\b.{0,200}
.{0,160}\b(?:may|must) not be (?:reproduced|republished|copied|distributed|redistributed)\b.{0,200}
.{0,80}\bno part of this (?:publication|article|document|report) may be\b.{0,300}
(?:©|\(c\)|copyright)\s.{0,300}
.{0,60}\bмнени[ея]\b.{0,60}\bне (?:совпада|отража).{0,200}
.{0,60}\bне отража\w+ (?:позици|мнени|точк).{0,200}
.{0,80}\b(?:при )?(?:перепечатк|копировани|использовани)\w* (?:материал|текст)\w*.{0,200}
.{0,100}\b(?:ansichten|meinungen|auffassungen)\b.{0,120}\b(?:nicht|ausschließlich)\b.{0,120}
.{0,60}\b(?:nachdruck|vervielfältigung)\b.{0,160}
.{0,40}(?:本文|文章).{0,20}(?:仅|只)代表.{0,60}
.{0,40}(?:转载|轉載)(?:请|請|须|必须|需).{0,80}|.{0,30}未经.{0,30}(?:转载|轉載|复制).{0,40}
"""
_NOTICE = re.compile("|".join(line for line in _NOTICES.split("\n") if line), re.IGNORECASE)
# The present tense with a day that is past is what captions are written in.
_DAY = (
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d{1,2})"
    r"(?:,? \d{4})?"
)
_CAPTION = re.compile(
    r"[^.!?\"“”]{10,200}\b(?:talks?|speaks?|shakes? hands|poses?|waves?|walks?|strolls?|looks? on|listens?|gestures?"
    r"|greets?|smiles?|stands?|sits?|hugs?|embraces?|watch(?:es)?|inspects?|(?:is|are) (?:seen|pictured))\b"
    rf"[^.!?\"“”]{{0,200}}\bon {_DAY}\.(?:\s*[(\[]?(?:photo|image|ap|afp|reuters|xinhua|epa|getty)\b.{{0,60}})?",
    re.IGNORECASE,
)
_ORGANISATION = re.compile(
    r"(?:foundation|institute|university|centre|center|council|academy|school|college|agency|ministry|department"
    r"|association|society|forum|think tank|press|фонд|институт|университет|центр|академия|совет|stiftung|institut"
    r"|universität|akademie|大学|研究所|研究院|研究中心|基金会|学院)",
    re.IGNORECASE,
)
_COUNTER = re.compile(r"^[•·*|\s+–—-]*\d[\d\s.,:/+-]*[KkMm%]?[•·*|\s]*$")
_PAGE_NUMBER = re.compile(
    r"^[\s–—|\[(-]*(?:page|p\.|seite|стр\.?|s\.)?\s*([A-Z]{1,2}-)?(\d{1,4}|[ivxl]{1,6})"
    r"(?:\s*(?:of|/|von|из)\s*\d{1,4})?[\s–—|\])-]*$",
    re.IGNORECASE,
)
_ORNAMENT = re.compile(r"^[^\w\s$€£¥%]{1,10}$|^(?:[*_=~.·•#–—-]\s?){3,}$")


def is_web_furniture(line: str) -> bool:
    """Tell whether a line is a phrase of a web page's furniture and nothing else."""
    return len(line) <= _MAX_LENGTH and _FURNITURE.fullmatch(line) is not None


def is_notice(text: str) -> bool:
    """Tell whether a paragraph is a notice of rights or a disclaimer, as far as its words can tell."""
    return len(text) <= _MAX_NOTICE and _NOTICE.fullmatch(text) is not None


def is_caption(text: str) -> bool:
    """Tell whether a paragraph reads as the caption of a photograph: one sentence that sees what is long over."""
    return len(text) <= _MAX_NOTICE and _CAPTION.fullmatch(text) is not None


def is_organisation(text: str) -> bool:
    """Tell whether a line is the name of an organisation."""
    words = text.split()
    named = all(word[0].isupper() or word[0] in "(&" or len(word) < 4 for word in words)
    return len(words) <= 8 and named and text[-1].isalnum() and _ORGANISATION.search(text) is not None


def is_counter(line: str) -> bool:
    """Tell whether a line holds digits only, as a counter of views or a short date does."""
    return len(line) <= 30 and _COUNTER.match(line) is not None


def is_ornament(line: str) -> bool:
    """Tell whether a line holds no letter and no digit (a star, a row of dashes)."""
    return _ORNAMENT.match(line.strip()) is not None


def page_number(line: str) -> str | None:
    """Return the number of a line that holds a page number and nothing else, or None."""
    match = _PAGE_NUMBER.match(line) if len(line) <= 20 else None
    return match[2] if match else None


def is_prose(line: str) -> bool:
    """Tell whether a line reads as at least one whole sentence."""
    return len(line) >= 60 and len(_WORD.findall(line[:_MAX_LENGTH])) >= 8 and _END.search(line) is not None
