"""Reading of mail: the letter as text, its head as metadata, what is attached as files."""

from __future__ import annotations

import base64
from email.message import EmailMessage

import pytest

from index.clean import clean
from index.errors import ReadError
from index.read import read_bytes
from index.types import RawDocument


def mail(text: str = "The ferry is late.", **heads: str) -> EmailMessage:
    message = EmailMessage()
    known = {
        "From": "Anna Berg <anna@harbour.example>",
        "To": "Jonas Vik <jonas@harbour.example>",
        "Subject": "The ferry",
    }
    for key, value in (known | {"Date": "Fri, 08 May 2015 10:00:00 +0200"} | heads).items():
        message[key] = value
    message.set_content(text)
    return message


def read(message: EmailMessage | bytes) -> RawDocument:
    return read_bytes(message if isinstance(message, bytes) else message.as_bytes(), "a.eml")


def test_a_letter() -> None:
    raw = read(mail("Dear Jonas,\n\nthe ferry is late.\n\nAnna\n"))
    assert raw.text == (
        "From: Anna Berg <anna@harbour.example>\nTo: Jonas Vik <jonas@harbour.example>\n"
        "Date: Fri, 08 May 2015 10:00:00 +0200\nSubject: The ferry\n\nDear Jonas,\n\nthe ferry is late.\n\nAnna"
    )
    known = raw.metadata
    assert (known.title, known.author, known.date, known.date_basis) == (
        "The ferry",
        "Anna Berg",
        "2015-05-08",
        "stated",
    )
    assert raw.kind == "eml"


def test_a_name_that_is_turned_round() -> None:
    assert read(mail(**{"From": '"Berg, Anna" <anna@harbour.example>'})).metadata.author == "Anna Berg"
    assert read(mail(**{"From": "anna@harbour.example"})).metadata.author == "anna@harbour.example"


def test_wrapped_lines_are_joined_and_short_ones_are_not() -> None:
    wrapped = (
        "The ferry crosses the sound four times a day and it carries no more\nthan sixty people, most of them pupils.\n"
    )
    address = "\nHarbour Office\nQuay 4\nLorn\n"
    text = read(mail(wrapped + address)).text
    assert "no more than sixty people" in text
    assert text.endswith("Harbour Office\nQuay 4\nLorn")


def test_what_is_attached_is_attached() -> None:
    message = mail()
    message.add_attachment(b"Port,Cars\nLeith,5\n", maintype="text", subtype="csv", filename="ports.csv")
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="C:\\temp\\ice.pdf")
    message.add_attachment(mail("An older letter.", Subject="Ice: 2014"))
    raw = read(message)
    assert [attached.name for attached in raw.attached] == ["ports.csv", "ice.pdf", "Ice 2014.eml"]
    assert raw.attached[0].data == b"Port,Cars\nLeith,5\n"
    assert read_bytes(raw.attached[2].data, raw.attached[2].name).text.endswith("An older letter.")
    assert "older" not in raw.text


def test_a_forwarded_mail_in_base64() -> None:
    inner = base64.b64encode(mail("An older letter.").as_bytes()).decode()
    outer = (
        "From: a@b.example\nSubject: Fwd\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n"
        f'Content-Type: message/rfc822; name="old.eml"\nContent-Transfer-Encoding: base64\n\n{inner}\n--x--\n'
    )
    attached = read(outer.encode()).attached[0]
    assert read_bytes(attached.data, attached.name).text.endswith("An older letter.")


def test_plain_text_goes_before_a_page_and_a_page_is_read_where_there_is_none() -> None:
    both = mail("Plain words.")
    both.add_alternative("<html><body><p>Page words.</p></body></html>", subtype="html")
    assert read(both).text.endswith("Plain words.") and not read(both).attached
    page = mail()
    page.set_content("<html><body><h2>Ice</h2><p>The harbour of Lorn is frozen.</p></body></html>", subtype="html")
    assert read(page).text.endswith("The harbour of Lorn is frozen.")


QUOTE = "Yes, on Friday.\n\nOn Thu, 7 May 2015 at 9:00, Jonas Vik wrote:\n> Does it sail?\n>\n> Jonas\n"


def test_an_earlier_mail_that_is_quoted_whole_is_told_from_the_letter() -> None:
    raw = read(mail(QUOTE))
    assert {item.kind for item in raw.removed} == {"furniture"}
    assert {item.reason for item in raw.removed} == {"quoted mail"}
    assert "Does it sail?" in raw.text
    assert clean(raw).text.endswith("Yes, on Friday.")


@pytest.mark.parametrize(
    "text",
    [
        "> Does it sail?\n\nYes, on Friday.\n\n> And on Monday?\n\nNo.\n",  # answers between the lines
        "As the log has it:\n\n> The ferry sank in 1911.\n",  # somebody's words, not a mail
        "Jonas wrote:\n\nThe ferry sank in 1911.\n",
    ],
)
def test_other_quotes_are_part_of_the_letter(text: str) -> None:
    assert not read(mail(text)).removed


@pytest.mark.parametrize(
    ("charset", "body"),
    [("utf-8", "Паром опоздал."), ("windows-1251", "Паром опоздал."), ("no-such-charset", "Die Fähre ist spät.")],
)
def test_a_charset_may_be_any_or_none(charset: str, body: str) -> None:
    encoding = charset if charset.startswith(("u", "w")) else "utf-8"
    head = f"From: a@b.example\nSubject: =?utf-8?b?{base64.b64encode('Паром'.encode()).decode()}?=\n"
    raw = read(head.encode() + f"Content-Type: text/plain; charset={charset}\n\n".encode() + body.encode(encoding))
    assert raw.text.endswith(body)
    assert raw.metadata.title == "Паром"


def test_mail_that_is_no_mail_or_a_bomb() -> None:
    with pytest.raises(ReadError, match=r"a\.eml: is not a mail"):
        read(b"\nJust words, and no head.\n")
    nested = b"From: a@b.example\n" + b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" * 5_000
    with pytest.raises(ReadError, match="nests more than"):
        read(nested)


def test_a_mail_under_the_name_of_a_text() -> None:
    assert read_bytes(mail().as_bytes(), "a.txt").kind == "eml"
