"""Read mail (EML, saved web archives): subject, sender and date as metadata, the body as text, what is attached.

The heading lines of the letter (From, To, Date) are kept in the text, so that a question can be answered with
them. An earlier mail that is quoted in full after a line that announces it is reported as removed.
"""

from __future__ import annotations

import base64
import email
import email.policy
import re
from collections.abc import Iterator
from email.message import EmailMessage, Message
from email.utils import parsedate_to_datetime
from typing import Any

from index.errors import ReadError
from index.readers.blocks import Blocks
from index.readers.encoding import decode
from index.types import Attached, Metadata, RawDocument

_SHOWN = ("From", "To", "Cc", "Date", "Subject")
_QUOTED = re.compile(r"\s{0,3}>")
_ANNOUNCED = re.compile(
    r"(?:On\s.{4,200}\swrote|Am\s.{4,200}\sschrieb.{0,80}|Le\s.{4,200}\sa\s+écrit|El\s.{4,200}\sescribió"
    r"|.{4,200}\s(?:пишет|написал\(?а?\)?))\s*:\s*$",
    re.DOTALL,
)
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_WRAPPED = (40, 90)
_MULTIPART = re.compile(rb"^content-type:\s*multipart/", re.IGNORECASE | re.MULTILINE)
# Beyond a few hundred parts within parts the standard library's parser takes quadratic time.
_MAX_MULTIPARTS = 300
_MAX_PARTS = 1_000
_DEEPEST = 20
_SUFFIXES = {
    "application/pdf": ".pdf", "text/plain": ".txt", "text/html": ".html", "text/csv": ".csv", "image/png": ".png",
    "image/jpeg": ".jpg", "image/tiff": ".tif", "message/rfc822": ".eml", "application/zip": ".zip",
    "application/msword": ".doc", "application/vnd.ms-excel": ".xls", "application/rtf": ".rtf",
}  # fmt: skip


def read_eml(data: bytes, name: str) -> RawDocument:
    """Read the bytes of a mail.

    Raises:
        ReadError: when they are no mail.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data[:200]:
        data = decode(data, name).encode()  # a mail saved as UTF-16
    if data.startswith(b"From "):
        data = data.partition(b"\n")[2]  # the line that a mailbox puts before each mail
    if sum(1 for _ in _MULTIPART.finditer(data)) > _MAX_MULTIPARTS:
        raise ReadError(f"{name}: nests more than {_MAX_MULTIPARTS} parts in each other. It is not opened.")
    message: Any = email.message_from_bytes(data, policy=email.policy.default)
    if not message.keys() and not message.is_multipart():
        raise ReadError(f"{name}: is not a mail (it has no header). If it is plain text, give it the suffix .txt.")
    parts = [*_parts(message, 0)]
    body = _body(parts, name)
    attached = [found for number, part in enumerate(parts) if part is not body and (found := _attached(part, number))]
    return letter({key: header(message, key) for key in _SHOWN}, _text(body, name), attached, "eml")


def letter(heads: dict[str, str], body: RawDocument | str, attached: list[Attached], kind: str) -> RawDocument:
    """Return a mail as a raw document: its heading lines, then its body."""
    blocks = Blocks()
    for key, value in heads.items():
        if value:
            blocks.add(f"{key}: {value}", row=True)
    if isinstance(body, RawDocument):
        _add_page(blocks, body)
    else:
        _add_plain(blocks, body)
    stated = Metadata(
        title=heads.get("Subject") or None, author=_person(heads.get("From", "")), date=_day(heads["Date"])
    )
    return blocks.document(kind, stated=stated, attached=attached)


def header(message: Message, key: str) -> str:
    """Return a header as text, empty where it is missing or beyond repair."""
    try:
        value = message.get(key)
        return " ".join(str(value).split()) if value is not None else ""
    except Exception:  # noqa: BLE001 - the parser of headers trips over hostile ones in many ways
        raw = dict(message.raw_items()).get(key, "") if isinstance(message, EmailMessage) else ""
        return " ".join(str(raw).split())


def _parts(message: Any, depth: int) -> Iterator[Any]:
    """Yield the leaves of a mail; a mail within it is a leaf."""
    if message.get_content_maintype() == "multipart" and message.is_multipart() and depth < _DEEPEST:
        for count, part in enumerate(message.get_payload()):
            if count >= _MAX_PARTS:
                break
            yield from _parts(part, depth + 1)
    else:
        yield message


def _body(parts: list[Any], name: str) -> Any:
    """Return the part that is the letter: plain text first, a page where there is none."""
    shown = [part for part in parts if part.get_content_disposition() != "attachment" and not part.get_filename()]
    for kind in ("text/plain", "text/html"):
        for part in shown:
            if part.get_content_type() == kind and (kind == "text/html" or _plain(part, name).strip()):
                return part
    return None


def _plain(part: Any, name: str) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return str(part.get_payload() or "")
    try:
        return decode(payload, name, part.get_content_charset())
    except ReadError:
        return ""


def _text(part: Any, name: str) -> RawDocument | str:
    if part is None:
        return ""
    if part.get_content_type() != "text/html":
        return _plain(part, name)
    return page(part.get_payload(decode=True) or b"", part.get_content_charset(), name)


def page(data: bytes, charset: str | None, name: str) -> RawDocument | str:
    """Return the body of a mail that is a web page, empty when it shows no text."""
    from index.readers.html import read_html

    try:
        return read_html(decode(data, name, charset).encode("utf-8-sig"), name)
    except ReadError:
        return ""


def _attached(part: Any, number: int) -> Attached | None:
    kind = part.get_content_type()
    if kind in (
        "multipart/mixed",
        "message/delivery-status",
        "application/pkcs7-signature",
        "application/pgp-signature",
    ):
        return None
    given = _filename(part)
    if not given and part.get_content_disposition() != "attachment" and kind != "message/rfc822":
        return None  # another form of the letter, or a picture in it
    if kind == "message/rfc822":
        inner = part.get_payload()
        data = _forwarded(inner[0]) if isinstance(inner, list) and inner else b""
        given = given if given.lower().endswith(".eml") else (given or _subject(inner) or f"mail {number}") + ".eml"
    else:
        payload = part.get_payload(decode=True)
        data = payload if isinstance(payload, bytes) else b""
    name = given or f"attachment {number}"
    if "." not in name:
        name += _SUFFIXES.get(kind, "")
    return Attached(name, data) if data else None


def _forwarded(message: Any) -> bytes:
    """Return the bytes of a mail within a mail, which some programs write in base64 though they must not."""
    data: bytes = message.as_bytes()
    if message.keys():
        return data
    try:
        return base64.b64decode(data, validate=False)
    except ValueError:
        return data


def _filename(part: Any) -> str:
    try:
        return " ".join((part.get_filename() or "").split()).replace("\\", "/").rpartition("/")[2]
    except Exception:  # noqa: BLE001 - a name in broken encoding costs the name
        return ""


def _subject(inner: Any) -> str:
    subject = header(inner[0], "Subject") if isinstance(inner, list) and inner else ""
    return " ".join(re.sub(r"[\\/:*?\"<>|]+", " ", subject)[:80].split())


def _add_plain(blocks: Blocks, body: str) -> None:
    """Append the paragraphs of a plain letter, and report the earlier mail quoted below it."""
    body = body.replace("\r", "")
    quote = _quote_start(body)
    for text, furniture in ((body[:quote], ""), (body[quote:], "quoted mail")):
        for paragraph in _PARAGRAPH.split(text):
            _add_paragraph(blocks, paragraph, furniture)


def _add_paragraph(blocks: Blocks, paragraph: str, furniture: str) -> None:
    lines = [line.strip() for line in paragraph.split("\n") if line.strip()]
    longest = max(map(len, lines), default=0)
    joined: list[str] = []
    for line in lines:
        # A line runs on where the next word would not have found room.
        full = joined and _WRAPPED[0] < longest <= _WRAPPED[1] and len(joined[-1].rpartition("\n")[2]) > 0.75 * longest
        if full and not re.match(r"[-*•>]|\d+[.)]", line):
            joined[-1] += f"\n{line}"
        else:
            joined.append(line)
    for number, line in enumerate(joined):
        blocks.add(line, row=number > 0 or len(joined) > 1, furniture=furniture)


def _quote_start(body: str) -> int:
    """Return where an earlier mail is quoted to the end, or the length of the body.

    Only a line that announces it and nothing but quoted lines after it is proof: an answer between the lines
    is read with what it answers.
    """
    lines = body.split("\n")
    at = len(lines)
    while at and (not lines[at - 1].strip() or _QUOTED.match(lines[at - 1])):
        at -= 1
    if at == len(lines) or not any(_QUOTED.match(line) for line in lines[at:]):
        return len(body)
    for size in (1, 2):
        lead = lines[max(at - size, 0) : at]
        if _ANNOUNCED.fullmatch(" ".join(lead).strip()):
            return len("\n".join(lines[: at - len(lead)])) + int(at > len(lead))
    return len(body)


def _add_page(blocks: Blocks, found: RawDocument) -> None:
    """Append the blocks of a page, with its headings and furniture."""
    levels = {(heading.start, heading.end): heading.level for heading in found.headings}
    aside = {(item.start, item.end): item.reason for item in found.removed}
    at = 0
    row = False
    for line in found.text.split("\n"):
        span = (at, at + len(line))
        at += len(line) + 1
        if line.strip():
            gone = next((reason for (start, end), reason in aside.items() if start <= span[0] and span[1] <= end), "")
            blocks.add(line, level=levels.get(span, 0), row=row, furniture=gone)
        row = bool(line.strip())


def _person(sender: str) -> str | None:
    """Return who sent a mail: "Berg, Anna <anna@example.org>" is Anna Berg."""
    name, _, address = sender.rpartition("<") if sender.endswith(">") else (sender, "", "")
    name = name.strip("'\" ") or address.strip("> ")
    last, _, first = name.partition(", ")
    return (f"{first} {last}" if first and "," not in first and "@" not in name else name) or None


def _day(date: str) -> str | None:
    try:
        return parsedate_to_datetime(date).date().isoformat()
    except (ValueError, TypeError, IndexError):
        return None
