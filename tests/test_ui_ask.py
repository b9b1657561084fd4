from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from eval.formats import load_set
from index.embed import Embedder
from index.library import Library
from rag.assistant import Assistant
from rag.conversations import Listed
from rag.exchange import Exchange
from rag.filters import NO_FILTERS, Filters
from rag.settings import Settings
from rag.types import Answer, AnswerSentence, Citation, Event, Nearest, Stage, Trace, Turn, Verdict
from tests.ui_window import Window, event, request, shelf
from ui.ask import acts_view, keeping, keeping_view, talks_view
from ui.ask import view as ask_view
from ui.ask.exports import attachment, conversation_files
from ui.desk import Desk
from ui.page import Page
from ui.server.users import COOKIE, Users, user_of
from ui.words import ENGLISH, Words

QUESTION = "How many tons of cargo did the harbour of Lorn handle in 2013?"
BREAD = "How many loaves does the bakery on Mill Lane sell a day?"
UNANSWERED = "What is the boiling point of tungsten?"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    """Return a library that no test changes, but for a document that it brings and takes away."""
    with shelf(tmp_path_factory.mktemp("ask"), embedder) as made:
        yield made


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


Open = Callable[..., Window]


@pytest.fixture
def opened(library: Library, settings: Settings) -> Iterator[Open]:
    """Return a function that starts a server anew, and opens a window on it."""
    desks: list[Desk] = []

    def start(assistant: Assistant | None = None, user: str = "local") -> Window:
        desks.append(Desk(assistant or Assistant(library, settings), library, settings))
        return Window(Page(desks[-1]).ask, user)

    yield start
    for desk in desks:
        desk.close()


@pytest.fixture
def window(opened: Open) -> Window:
    return opened()


def done(window: Window) -> Window:
    """Wait until the server has kept what was answered."""
    for _, _, thread in list(window.tab.talks._running.values()):
        thread.join(20)
    return window


# Found again


def test_a_conversation_is_found_after_the_server_was_started_anew(window: Window, opened: Open) -> None:
    window.ask(QUESTION)
    html = window.ask("And in 2018?")
    done(window).tab.desk.close()
    again = opened()
    assert again.load(f"conversation={window.id}") == html and again.id == window.id
    assert again.do(again.tab.new) and "<article" not in again.html
    assert again.do(again.tab.open, talk=window.id) == html
    assert 'aria-current="true"' in again.listed
    # A page that was open meanwhile goes on where it was: it says itself which conversation it shows.
    window.tab = again.tab
    assert "300 loaves" in window.ask(BREAD) and len(window.conversation.exchanges) == 3


class Stuck(Assistant):
    """An assistant that never comes to an answer."""

    def stream(self, question: str, history: Sequence[Turn] = (), filters: Filters = NO_FILTERS) -> Iterator[Event]:
        while True:
            yield Stage("searching")
            threading.Event().wait(0.01)


def test_what_was_being_answered_when_the_server_ended_says_so(
    opened: Open, library: Library, settings: Settings
) -> None:
    window = opened(Stuck(library, settings))
    next(window.steps(QUESTION))
    assert window.stops
    window.tab.desk.close()  # ends the answer, and does not wait for it
    again = opened()
    html = again.load(f"conversation={window.id}")
    assert QUESTION in html and "The server ended before" in html and again.asks
    assert "4.2 million" in again.retry(turn="0", model="extractive")
    assert len(again.conversation.exchanges) == 1, "an answer takes the place of none"


def test_an_answer_that_is_coming_is_watched_by_another_page(
    opened: Open, library: Library, settings: Settings
) -> None:
    window = opened(Stuck(library, settings))
    next(window.steps(QUESTION))
    other = Window(window.tab)
    assert "Searching…" in other.load(f"conversation={window.id}") and other.stops
    watched = other.follow(window.tab.watch(*other.where))
    assert "Searching…" in next(watched)
    window.do(window.tab.stop)
    assert "Stopped." in [html for html in watched if html][-1] and other.asks


def test_the_list_is_searched_by_what_was_said(window: Window) -> None:
    window.ask(QUESTION)
    done(window).do(window.tab.new)
    window.ask(BREAD)
    done(window)
    find = lambda words: window.tab.find(words, *window.where)  # noqa: E731
    assert QUESTION in find("4.2 million") and BREAD not in find("4.2 million")
    assert "No conversation holds these words" in find("zeppelin")
    assert find("").index(BREAD) < find("").index(QUESTION), "the newest first"


# Asked again, changed, deleted


def test_a_question_is_asked_again_of_another_model(window: Window) -> None:
    window.ask(QUESTION)
    assert 'data-model="extractive"' in window.html
    window.retry(turn="0", model="extractive")
    first, second = done(window).conversation.exchanges
    assert first.question == second.question == QUESTION and first.answer and second.answer
    window.retry(turn="0", model="gguf:/etc/passwd")
    assert "There is no model" in window.notice and len(window.conversation.exchanges) == 2


def test_a_question_that_is_changed_leaves_the_conversation_as_it_was(window: Window) -> None:
    window.ask(QUESTION)
    window.ask("And in 2018?")
    old = done(window).id
    window.do(window.tab.acts.edit, turn="1")
    assert window.question == "And in 2018?" and "conversation of its own" in window.notice
    html = window.ask(BREAD)
    assert "300 loaves" in html and "6.8 million" not in html and "4.2 million" in html
    assert window.id != old and "goes on in a copy" in window.notice
    assert [e.question for e in window.tab.talks.open("local", old, "").exchanges] == [QUESTION, "And in 2018?"]
    assert [e.question for e in done(window).conversation.exchanges] == [QUESTION, BREAD]
    window.do(window.tab.acts.edit, turn="0")
    window.do(window.tab.acts.cancel)
    assert window.question == "" and window.notice == "" and window.seat.editing is None


def test_the_first_question_is_changed(window: Window) -> None:
    window.ask(QUESTION)
    done(window).do(window.tab.acts.edit, turn="0")
    window.ask(BREAD)
    assert [e.question for e in done(window).conversation.exchanges] == [BREAD]
    assert window.conversation.title == BREAD and QUESTION in window.listed


def test_a_conversation_is_renamed_and_deleted(window: Window) -> None:
    window.ask(QUESTION)
    identity = done(window).id
    window.do(window.tab.acts.change, what="rename", text="Cargo <b>2013</b>")
    assert "Cargo &lt;b&gt;2013&lt;/b&gt;" in window.html and "Cargo &lt;b&gt;" in window.listed
    other = Window(window.tab)
    other.load(f"conversation={identity}")
    window.do(window.tab.acts.change, what="delete")
    assert window.id == "" and "<article" not in window.html and "Cargo" not in window.listed
    other.ask(BREAD)
    assert "not there any more" in other.notice, "two windows, of which one has deleted it"


# Judged


def test_a_thumb_and_its_reason_are_kept(window: Window, opened: Open) -> None:
    window.ask(QUESTION)
    done(window).do(window.tab.acts.rate, turn="0", rating="down")
    assert "What is wrong with it?" in window.html and 'aria-pressed="true"' in window.html
    window.do(window.tab.acts.rate, turn="0", rating="down", reason='The year "2013"\n is missing')
    window.tab.desk.close()
    again = opened()
    assert "The year &quot;2013&quot; is missing" in again.load(f"conversation={window.id}")
    (exchange,) = again.conversation.exchanges
    assert (exchange.rating, exchange.reason) == ("down", 'The year "2013" is missing')
    again.do(again.tab.acts.rate, turn="0", rating="")
    assert (again.conversation.exchanges[0].rating, again.conversation.exchanges[0].reason) == ("", "")


def test_a_source_that_was_edited_or_removed_says_so_at_the_citation(window: Window, tmp_path: Path) -> None:
    path = tmp_path / "tower.txt"
    path.write_text("The tower of Ulm is 41 metres high. It was built in 1780.", encoding="utf-8")
    library = window.tab.desk.library()
    library.add([path])
    window.ask("How high is the tower of Ulm?")
    done(window)
    assert "41 metres" in window.html and 'class="lost"' not in window.html
    path.write_text("The tower of Ulm is 39 metres high. It was built in 1780.", encoding="utf-8")
    library.add([path])
    assert "does not say this any more" in window.load(f"conversation={window.id}")
    assert "does not say this any more" in window.html.split("</p>")[1], "at the number in the sentence, too"
    library.remove("tower.txt")
    assert "not in the library any more" in window.load(f"conversation={window.id}")
    show = window.tab.show(*window.where, event(turn="0", place="1"))
    assert "not in the library any more" in show


def test_a_conversation_outlives_its_collection(window: Window, settings: Settings) -> None:
    window.ask(QUESTION)
    done(window).tab.talks.store.ask("local", "gone", "c0ffee", Exchange(QUESTION, model="extractive"))
    (exchange,) = window.tab.talks.store.talk("local", "c0ffee").exchanges
    window.tab.talks.store.put(replace(exchange, answer=window.conversation.exchanges[0].answer))
    html = window.load("conversation=c0ffee")
    assert "4.2 million" in html and "not in the library any more" in html
    assert "there is no library" in window.tab.show(*window.where, event(turn="0", place="1"))
    window.ask("And in 2018?")
    assert "there is no library" in window.notice


# Kept in a set


def keep(window: Window, **data: object) -> tuple[Any, Any]:
    return window.tab.acts.keep(*window.where, event(**data))


def test_a_question_enters_a_set_with_its_answer_and_passages(window: Window, settings: Settings) -> None:
    window.ask(QUESTION)
    form = done(window).tab.acts.offer(*window.where, event(turn="0"))
    assert (
        QUESTION in form and "4.2 million" in form and form.count(" checked>") == form.count('<input type="checkbox"')
    )
    given = {"turn": "0", "set": "", "new": "harbours", "question": f" {QUESTION} ", "type": "number"}
    given |= {"answer": "4.2 million tons.", "facts": "4.2 million | 4,200,000", "places": "1"}
    said, notice = keep(window, **given)
    assert said == "" and "Kept as q001 in the set “harbours”" in notice
    (item,) = load_set(settings.home / "sets" / "default" / "harbours.jsonl").items
    assert (item.question, item.type, item.answer) == (QUESTION, "number", "4.2 million tons.")
    assert item.must_include == (("4.2 million", "4,200,000"),)
    assert [(e.doc, "4.2 million" in e.quote) for e in item.evidence] == [("harbour.txt", True)]
    said, _ = keep(window, **given | {"set": "harbours"})
    assert "is in the set already" in said and "4,200,000" in said, "what was written stays"
    assert '<option value="harbours" selected>' in said


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"places": ""}, "Choose at least one passage"),
        ({"places": "7,../x"}, "Choose at least one passage"),
        ({"answer": " "}, "expected a text"),
        ({"type": "poem"}, "is no type of question"),
        ({"question": "  "}, "expected a text that is not empty"),
        ({"set": "", "new": "../x"}, "cannot be the name of a file"),
        ({"set": "../../x"}, "cannot be the name of a file"),
    ],
)
def test_what_makes_no_question_of_a_set_is_told(
    window: Window, settings: Settings, changed: dict[str, str], says: str
) -> None:
    window.ask(QUESTION)
    given = {"turn": "0", "set": "", "new": "harbours", "question": QUESTION, "type": "number", "answer": "4.2"}
    said, _ = keep(done(window), **given | {"places": "1"} | changed)
    assert says in said
    assert not list(settings.home.glob("sets/**/*.jsonl"))


def test_a_refusal_enters_a_set_as_a_question_without_an_answer(window: Window, settings: Settings) -> None:
    window.ask(UNANSWERED)
    (exchange,) = done(window).conversation.exchanges
    form = keeping.first_form(exchange, ["harbours"])
    assert (form.type, form.answer, form.set_name, form.places) == ("unanswerable", "", "harbours", frozenset())
    said, _ = keep(window, turn="0", set="", new="harbours", question=UNANSWERED, type="unanswerable", places="a,b")
    assert said == ""
    (item,) = load_set(settings.home / "sets" / "default" / "harbours.jsonl").items
    assert not item.answerable and item.evidence == ()


# Files


@pytest.fixture
def client(window: Window) -> Iterator[TestClient]:
    app = Starlette(routes=list(conversation_files(window.tab.desk)), middleware=[Middleware(Users, alone=True)])
    with TestClient(app, base_url="http://127.0.0.1") as made:
        yield made


def test_a_conversation_is_given_as_a_file(window: Window, client: TestClient) -> None:
    window.ask(QUESTION)
    window.ask(UNANSWERED)
    done(window)
    for suffix, kind in (("md", "text/markdown"), ("html", "text/html"), ("docx", "application/vnd.openxml")):
        whole, one = (client.get(f"/conversations/{window.id}{part}.{suffix}") for part in ("", "/2"))
        assert whole.status_code == 200 and whole.headers["content-type"].startswith(kind)
        assert f'filename="{QUESTION[:-1]}.{suffix}"' in whole.headers["content-disposition"]
        assert len(one.content) < len(whole.content)
    assert "4.2 million" in client.get(f"/conversations/{window.id}.md").text
    assert "Ответ составлен" in client.get(f"/conversations/{window.id}.md?language=ru").text
    copied = client.get(f"/conversations/{window.id}/1/copy").json()
    assert copied["text"].startswith(QUESTION) and "[1] “" in copied["text"] and "<ol" in copied["html"]


@pytest.mark.parametrize("path", ["x.md", "ID/0.md", "ID/9.md", "ID.exe", "ID/9/copy", "../conversations.db.md"])
def test_a_file_that_is_not_there_is_told(window: Window, client: TestClient, path: str) -> None:
    window.ask(QUESTION)
    assert client.get(f"/conversations/{path.replace('ID', done(window).id)}").status_code == 404


def test_nobody_gets_the_conversation_of_another(opened: Open, client: TestClient) -> None:
    window = opened(user="other")
    window.ask(QUESTION)
    assert client.get(f"/conversations/{done(window).id}.md").status_code == 404


def test_a_title_in_any_script_names_a_file() -> None:
    assert attachment("Гавань: 5/8?", "md") == (
        "attachment; filename=\"______ 5 8.md\"; filename*=UTF-8''%D0%93%D0%B0%D0%B2%D0%B0%D0%BD%D1%8C%205%208.md"
    )
    assert attachment('"\r\nx: y', "md").count("\n") == 0 and "conversation.md" in attachment("???", "md")


# Users


def who(request: Request) -> PlainTextResponse:
    return PlainTextResponse(user_of(request))


def test_each_browser_is_a_user_but_on_this_machine_there_is_one() -> None:
    routes = [Route("/", who)]
    page = {"accept": "text/html"}
    with TestClient(Starlette(routes=routes, middleware=[Middleware(Users, alone=True)])) as client:
        assert client.get("/", headers=page).text == "local" and not client.cookies
    app = Starlette(routes=routes, middleware=[Middleware(Users, alone=False)])
    with TestClient(app) as one, TestClient(app) as two:
        reply = one.get("/", headers=page)
        assert "HttpOnly; SameSite=Lax" in reply.headers["set-cookie"] and one.cookies[COOKIE] == reply.text
        assert one.get("/", headers=page).text == one.get("/").text == reply.text
        assert two.get("/", headers=page).text not in ("local", reply.text)
        for wrong in ("local", "x" * 32, ""):
            assert two.get("/", headers={"cookie": f"{COOKIE}={wrong}"}).text not in (wrong, "local")


def test_a_request_that_did_not_come_through_has_no_user() -> None:
    with pytest.raises(AttributeError):
        user_of(Request({"type": "http", "headers": []}))
    assert user_of(request("someone")) == "someone"


# What others wrote stays text

PAYLOADS = [
    "<script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "</textarea></form></dialog><iframe src=https://example.org></iframe>",
    "</option></select><img src=x onerror=alert(1)>",
    "${alert(1)} `+alert(1)+` {{constructor.constructor('alert(1)')()}} @children",
    "\n\nline\r\nline\u202e\u2066\x00",
    "javascript:alert(1)",
]
OURS = set(
    "article bdi button cite details dialog div fieldset form h2 header input label legend li nav ol option p path q "
    "select small span strong summary svg textarea ul a".split()
)


class Seen(HTMLParser):
    """The elements of a piece of HTML, its links, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.values: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in OURS
        for name, value in attrs:
            assert not name.startswith("on") and name != "autofocus" and name != "src"
            assert name != "href" or (value or "").startswith(("#", acts_view.ROUTE))
            self.values.append(value or "")

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_text_stays_text(payload: str) -> None:
    cited = Citation(1, "d", payload, payload, payload, payload, 1, 0, len(payload), payload)
    near = Nearest("d", payload, payload, payload, payload, 1, 0, len(payload), payload)
    sentence = AnswerSentence(payload, Verdict.PARTIAL, 0.5, (1,), payload)
    trace = Trace(payload, {payload: payload}, 0.5, payload, {}, {}, ())
    answer = Answer(payload, "refused", payload, (sentence,), (cited,), (near,), (), trace)
    exchange = Exchange(payload, answer=answer, id=1, asked=payload, model=payload, rating="up", reason=payload)
    around = ask_view.Around("a1", payload, [payload], {("d", 0, len(payload)): "gone"})
    form = replace(keeping.first_form(exchange, [payload]), new_name=payload, facts=payload)
    shown = payload.replace("\x00", "\ufffd")
    for html in (
        ask_view.conversation([exchange], 1, ENGLISH, around),
        talks_view.listed([Listed("a1", payload, payload, 1)], "a1"),
        talks_view.notice(payload, cancel=True),
        keeping_view.dialog(0, exchange, form, [payload], ENGLISH, payload),
    ):
        seen = Seen(html)
        assert shown.replace("\r\n", "\n") in seen.text.replace("\r\n", "\n")


def test_everything_is_said_in_russian_too() -> None:
    exchange = Exchange("?", "checking", number=2)
    assert "Проверка предложения 2…" in ask_view.conversation([exchange], 1, Words("ru"))
    assert "3 вопроса" in talks_view.listed([Listed("a", "t", "2026-01-01", 3)], "", "", Words("ru"))
