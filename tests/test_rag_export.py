from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from index.read import read
from rag.exchange import Exchange
from rag.export import Labels, Sheet, as_text, sheet_of
from rag.export_html import fragment, to_html
from rag.export_markdown import to_markdown
from rag.export_word import to_word
from rag.types import Answer, AnswerSentence, Checked, Citation, Nearest, Trace, Verdict

CARGO = "The harbour of Lorn handled 4.2 million tons of cargo in 2013."
LATER = "The harbour of Lorn handled 6.8 million tons in 2018."
HOSTILE = (
    "<script>alert(1)</script> [link](javascript:x) **b** `c` &amp; # $x$ \x00\x0b\x1f ]]> ${x} {{x}} @all \ud800 "
    "<img src=x onerror=y>\r\n- item"
)


def cited(number: int, quote: str, title: str = "The harbour report", page: int | None = 3) -> Citation:
    return Citation(number, "d", f"/files/{title}.pdf", title, "Ines Falk", "2014-03-02", page, 0, len(quote), quote)


def trace() -> Trace:
    return Trace("", {}, 0.9, "extractive", {}, {}, ())


def answered(question: str = "How much cargo?", doubt: Verdict = Verdict.SUPPORTED) -> Exchange:
    sentences = (
        AnswerSentence("It handled 4.2 million tons in 2013.", Verdict.SUPPORTED, 0.9, (1,), "In 2014 Falk wrote:"),
        AnswerSentence("In 2018 it was more than in 2013.", doubt, 0.9, (2, 1)),
    )
    quotes = (cited(1, CARGO), cited(2, LATER, "Lorn revisited", None))
    answer = Answer(question, "answered", "…", sentences, quotes, (), (), trace())
    return Exchange(question, answer=answer, id=1, asked="2026-01-02T03:04:05+00:00", model="gguf:package")


def refused() -> Exchange:
    near = Nearest("d", "/files/bread.txt", "Bread", None, None, None, 0, 9, "300 loaves a day.")
    answer = Answer("How hot?", "refused", "The documents do not answer this question.", (), (), (near,), (), trace())
    return Exchange("How hot?", answer=answer, id=2)


def hostile() -> Exchange:
    exchange = answered(HOSTILE)
    assert exchange.answer
    sentences = (replace(exchange.answer.sentences[0], text=HOSTILE, lead=HOSTILE),)
    quotes = (replace(cited(1, HOSTILE), title=HOSTILE, author=HOSTILE, source=HOSTILE),)
    return replace(exchange, answer=replace(exchange.answer, sentences=sentences, citations=quotes), model=HOSTILE)


@pytest.fixture
def sheet() -> Sheet:
    return sheet_of("Lorn & its harbour", [answered(doubt=Verdict.PARTIAL), refused(), answered("And then?")])


def test_the_notes_are_numbered_through(sheet: Sheet) -> None:
    first, second, third = sheet.parts
    assert [said.notes for said in first.sentences] == [(1,), (2, 1)]
    assert [said.notes for said in third.sentences] == [(3,), (4, 3)]
    assert first.about == "2026-01-02 03:04 · Answered by gguf:package"
    assert second.told.startswith("The documents do not") and second.nearest[0].quote == "300 loaves a day."
    assert [note.number for note in sheet.notes] == [1, 2, 3, 4]
    assert sheet.notes[0].source == "The harbour report, Ines Falk, 2014-03-02, p. 3, The harbour report.pdf"


def test_what_was_stopped_keeps_what_was_checked() -> None:
    whole = answered().answer
    assert whole
    stopped = Exchange("How much?", checked=(Checked(whole.sentences[0], whole.citations[:1]),), problem="stopped")
    (part,) = sheet_of("t", [stopped]).parts
    assert part.sentences[0].notes == (1,) and not part.told
    (part,) = sheet_of("t", [Exchange("How much?", problem="stopped")]).parts
    assert part.told == "No answer"


def test_plain_text_has_its_notes_below(sheet: Sheet) -> None:
    text = as_text(sheet_of("t", [answered(doubt=Verdict.PARTIAL)]))
    assert text.splitlines()[0] == "How much cargo?"
    assert "In 2014 Falk wrote: It handled 4.2 million tons in 2013. [1] In 2018" in text
    assert "than in 2013. (partly supported) [2] [1]" in text
    assert f"[1] “{CARGO}” The harbour report, Ines Falk, 2014-03-02, p. 3, The harbour report.pdf\n" in text
    assert "• “300 loaves a day.” Bread, bread.txt" in as_text(sheet)


# Markdown


def test_markdown_has_footnotes(sheet: Sheet) -> None:
    text = to_markdown(sheet)
    assert text.startswith("# Lorn \\& its harbour\n\n## How much cargo?\n")
    assert (
        "It handled 4.2 million tons in 2013.[^1] In 2018 it was more than in 2013.[^2][^1] *(partly supported)*"
        in text
    )
    assert f"[^1]: “{CARGO}” The harbour report, Ines Falk" in text
    assert "- “300 loaves a day.” Bread, bread.txt" in text


def test_hostile_text_is_text_in_markdown() -> None:
    markdown = pytest.importorskip("markdown_it")
    text = to_markdown(sheet_of(HOSTILE, [hostile()]))
    page = markdown.MarkdownIt("commonmark", {"html": False}).enable("table").render(text.replace("[^1]", ""))
    assert not re.search(r"<(script|img|a|code|strong)\b", page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


# HTML


class Seen(HTMLParser):
    """The elements of a page, the targets of its links and their texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.targets: list[str] = []
        self.names: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.targets += [value or "" for name, value in attrs if name in ("href", "src")]
        self.names |= {value or "" for name, value in attrs if name == "id"}
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_links_each_note_and_needs_nothing_else(sheet: Sheet) -> None:
    seen = Seen(to_html(sheet))
    assert seen.targets == ["#note-1", "#note-2", "#note-1", "#note-3", "#note-4", "#note-3"]
    assert {target[1:] for target in seen.targets} == seen.names
    assert CARGO in seen.text and "300 loaves a day." in seen.text
    assert Seen(fragment(sheet)).names == seen.names


def test_hostile_text_is_text_in_html() -> None:
    seen = Seen(to_html(sheet_of(HOSTILE, [hostile()])))
    assert not seen.tags & {"script", "img"}
    assert seen.text.count("<script>alert(1)</script> [link](javascript:x)") >= 5


# Word


def footnotes(file: bytes) -> dict[str, str]:
    """Return the text of each footnote, by its number."""
    with zipfile.ZipFile(io.BytesIO(file)) as package:
        root = ElementTree.fromstring(package.read("word/footnotes.xml"))
    name = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    notes = root.findall(f"{name}footnote")
    return {n.get(f"{name}id", ""): "".join(t.text or "" for t in n.iter(f"{name}t")) for n in notes}


def test_word_has_footnotes_of_its_own(sheet: Sheet) -> None:
    notes = footnotes(to_word(sheet))
    assert notes["1"] == f" “{CARGO}” The harbour report, Ines Falk, 2014-03-02, p. 3, The harbour report.pdf"
    assert notes["2"] == f" “{LATER}” Lorn revisited, Ines Falk, 2014-03-02, Lorn revisited.pdf"
    assert notes["3"] == " As in note 1."
    assert list(notes) == ["-1", "0", "1", "2", "3", "4", "5", "6"]
    assert to_word(sheet) == to_word(sheet)


def test_our_own_reader_finds_the_answer_and_its_notes(sheet: Sheet, tmp_path: Path) -> None:
    path = tmp_path / "talk.docx"
    path.write_bytes(to_word(sheet))
    document = read(path)
    assert "It handled 4.2 million tons in 2013." in document.text
    headings = [document.text[h.start : h.end] for h in document.headings]
    assert headings == ["Lorn & its harbour", "How much cargo?", "How hot?", "And then?"]
    found = [document.text[note.start : note.end] for note in document.notes]
    assert CARGO in found[0] and LATER in found[1] and len(found) == 6
    assert document.text.index("4.2 million tons in 2013.") < document.notes[0].mark
    assert document.metadata.title == "Lorn & its harbour"


def test_python_docx_opens_it(sheet: Sheet) -> None:
    docx = pytest.importorskip("docx", reason="python-docx is not installed")
    document = docx.Document(io.BytesIO(to_word(sheet)))
    assert [(p.style.name, p.text) for p in document.paragraphs][:2] == [
        ("Title", "Lorn & its harbour"),
        ("Heading 1", "How much cargo?"),
    ]
    assert document.core_properties.title == "Lorn & its harbour"
    kinds = {r.reltype.rsplit("/", 1)[1] for r in document.part.rels.values()}
    assert kinds == {"styles", "footnotes", "settings"}


def test_hostile_text_is_text_in_word() -> None:
    notes = footnotes(to_word(sheet_of(HOSTILE, [hostile()])))
    assert "<script>alert(1)</script>" in notes["1"] and "\x00" not in notes["1"]


def test_the_words_of_an_export_are_those_of_its_reader() -> None:
    labels = Labels("ru", "Ответ составлен: {model}", "Ответа нет", "Ближе всего", "См. примечание {n}.", "с. {n}")
    sheet = sheet_of("t", [answered(), refused(), Exchange("?")], labels)
    assert sheet.parts[0].about.endswith("Ответ составлен: gguf:package") and "с. 3" in sheet.notes[0].source
    assert footnotes(to_word(sheet))["3"] == " См. примечание 1."
    assert sheet.parts[2].told == "Ответа нет"
    assert 'lang="ru"' in to_html(sheet) and "Ближе всего:" in to_markdown(sheet)
