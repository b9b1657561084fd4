"""What a web page states about itself: title, author, publisher, date, language.

Owns meta tags, JSON-LD of the article and machine-readable times in the article's head. A date that stands anywhere
else, above all beside the headline of another article, is not the document's and is not read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from index.metadata import iso_date
from index.types import Metadata

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]

_TITLES = "citation_title og:title dcterms.title dc.title twitter:title headline"
_AUTHORS = "citation_author author dcterms.creator dc.creator parsely-author sailthru.author article:author byl"
_PUBLISHERS = "og:site_name citation_journal_title dcterms.publisher dc.publisher publisher application-name"
_DATES = (
    "citation_publication_date citation_date article:published_time og:published_time article.published "
    "datepublished dcterms.issued dcterms.created dcterms.date dc.date.issued dc.date.created dc.date "
    "parsely-pub-date sailthru.date publish-date publishdate pubdate publication_date date"
)
_DATE = re.compile(
    r"(?!.*(?:modif|updat|expir|valid|chang|access))"
    r"(?:.*[-_.:])?(?:pub|post|article|issue|creat|release)\w*[-_.:]?(?:date|time)$"
)
_IN_URL = re.compile(r"/((?:19|20)\d\d)/(\d\d|[a-z]{3})/(\d\d)(?=/)", re.IGNORECASE)
_ARTICLES = re.compile(r"(?:Article|BlogPosting|Report|WebPage)$")
_DAY = re.compile(r"((?:19|20)\d\d-\d\d-\d\d)(?:[T ].*)?$")
_SLASHED = re.compile(r"((?:19|20)\d\d)/(\d\d)(?:/(\d\d))?$")
_BY = re.compile(r"^(?:(?:posted|written|published) )?(?:by|von|par|por|di)\s+", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_][\w.’'-]*(?: [^\W\d_][\w.’'-]*){1,3}")
_URL = re.compile(r"https?://|www\.|@", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?=$|[-_])")
_DEEPEST = 8


def stated(root: HtmlElement) -> Metadata:
    """Return what the page's meta tags and JSON-LD state; the title may still have the name of the site in it."""
    tags: dict[str, list[str]] = {}
    for node in root.iter("meta"):
        name = (node.get("property") or node.get("name") or node.get("itemprop") or "").lower()
        if name and (value := " ".join((node.get("content") or "").split())):
            tags.setdefault(name, []).append(value)
    title = _first(tags, _TITLES) or " ".join((root.findtext(".//title") or "").split()) or None
    article = _article(root, title)
    authors = _names(article.get("author")) or _tagged_authors(tags)
    return Metadata(
        title=title or _text(article.get("headline")),
        author=", ".join(dict.fromkeys(authors)) or None,
        publisher=_first(tags, _PUBLISHERS) or next(iter(_names(article.get("publisher"))), None),
        date=_date(article, tags),
        language=match[0].lower() if (match := _LANGUAGE.match(root.get("lang") or "")) else None,
    )


def day(value: str) -> str | None:
    """Return the date of a machine-readable time, ISO 8601 to the day, or None when it is none."""
    value = value.strip()
    if match := _DAY.match(value):
        return iso_date(match[1])
    if match := _SLASHED.match(value):  # as scholarly pages write it
        return iso_date("-".join(filter(None, match.groups()))) if match[3] else f"{match[1]}-{match[2]}"
    return iso_date(value)


def by_name(text: str) -> str | None:
    """Return the name in an element that the page marks as its author's, or None when it holds more than a name."""
    name = _BY.sub("", text).strip(" ,:;|•·–—-")
    return name if _NAME.fullmatch(name) else None


def _date(article: dict[str, Any], tags: dict[str, list[str]]) -> str | None:
    values = [_text(article.get("datePublished")), *(value for name in _DATES.split() for value in tags.get(name, ()))]
    values += [value for name, found in tags.items() if _DATE.match(name) for value in found]
    return next((found for value in values if value and (found := day(value))), None)


def day_of_url(root: HtmlElement) -> str | None:
    """Return the date in the page's own address, as many sites write it: /2015/05/08/ or /2015/may/08/."""
    links = [node.get("href") for node in root.iter("link") if (node.get("rel") or "").lower() == "canonical"]
    links += [node.get("content") for node in root.iter("meta") if node.get("property") == "og:url"]
    match = next((match for link in links if link and (match := _IN_URL.search(link))), None)
    if not match:
        return None
    year, month, of_month = match.groups()
    return iso_date(f"{of_month} {month} {year}" if month.isalpha() else f"{year}-{month}-{of_month}")


def _first(tags: dict[str, list[str]], names: str) -> str | None:
    return next((tags[name][0] for name in names.split() if name in tags), None)


def _tagged_authors(tags: dict[str, list[str]]) -> list[str]:
    for name in _AUTHORS.split():
        found = [_BY.sub("", value) for value in tags.get(name, ()) if not _URL.search(value)]
        if found:
            return found
    return []


def _article(root: HtmlElement, title: str | None) -> dict[str, Any]:
    """Return the JSON-LD of the page's article: the only one there is, or the one with the title of the page."""
    found = [item for item in _items(root) if _ARTICLES.search(_type(item))]
    articles = [item for item in found if not _type(item).endswith("WebPage")] or found
    if len(articles) > 1:
        articles = [item for item in articles if _alike(_text(item.get("headline")) or "", title or "")]
    return articles[0] if articles else {}


def _alike(one: str, other: str) -> bool:
    first, second = "".join(one.casefold().split()), "".join(other.casefold().split())
    return bool(first and second) and (first in second or second in first)


def _items(root: HtmlElement) -> Iterator[dict[str, Any]]:
    for node in root.iter("script"):
        if (node.get("type") or "").strip().lower() != "application/ld+json":
            continue
        try:
            data = json.loads(node.text_content(), strict=False)
        except (ValueError, RecursionError):  # many pages have broken JSON-LD: it then states nothing
            continue
        yield from _objects(data, 0)


def _objects(data: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON-LD text, but for those that are parts of another, such as a list of links."""
    if isinstance(data, list) and depth < _DEEPEST:
        for item in data:
            yield from _objects(item, depth + 1)
    elif isinstance(data, dict):
        yield data
        yield from _objects(data.get("@graph"), depth + 1)


def _type(item: dict[str, Any]) -> str:
    kind = item.get("@type")
    return str(kind[0] if isinstance(kind, list) and kind else kind)


def _names(value: Any) -> list[str]:
    """Return the names in a value of JSON-LD: a string, an object with a name, or a list of either."""
    values: Sequence[Any] = value if isinstance(value, list) else [value]
    names = (item.get("name") if isinstance(item, dict) else item for item in values)
    return [_BY.sub("", name) for item in names if (name := _text(item)) and not _URL.search(name)]


def _text(value: Any) -> str | None:
    if isinstance(value, list) and value:
        value = value[0]
    return " ".join(value.split()) or None if isinstance(value, str) else None
