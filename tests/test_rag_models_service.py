"""What services do beside answering: a scripted server of the test's own, down to the bytes and their cuts."""

from __future__ import annotations

import json
import logging
import re
import socket
import socketserver
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from rag.errors import ModelError
from rag.models import ChatModel, ContextError, Message, ModelOptions, Reply, ReplyError, open_model, stream_fitting
from rag.models.redact import Redactor, shown_address
from rag.models.retry import retry_after
from rag.models.sse import events

KEY = "sk-very-secret-0123456789-abcdef"
ASK = (Message("user", "Where is Oslo?"),)
Act = Callable[["Service", socket.socket], None]


class Service:
    """Plays one act for each request, the last one over and over, and remembers what it was asked."""

    def __init__(self) -> None:
        self.acts: list[Act] = []
        self.asked: list[dict[str, Any]] = []
        self.heads: list[bytes] = []
        self.over = threading.Event()
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                outer.answer(self.request)

        class Server(socketserver.ThreadingTCPServer):
            # A thread that still writes to a client that has gone must not keep the test waiting.
            daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def answer(self, connection: socket.socket) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        while length and len(body) < int(length[1]):
            body += connection.recv(65536)
        self.heads.append(head)
        self.asked.append(json.loads(body) if body else {})
        act = self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]
        try:
            act(self, connection)
        except OSError:
            pass  # the client has hung up

    def close(self) -> None:
        self.over.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def sends(
    *chunks: bytes,
    status: int = 200,
    kind: str = "text/event-stream",
    whole: bool = True,
    headers: dict[str, str] | None = None,
) -> Act:
    """Send chunks, each by itself; not `whole`: hang up before their end."""

    def act(_: Service, connection: socket.socket) -> None:
        lines = [f"HTTP/1.1 {status} Said", f"Content-Type: {kind}", "Transfer-Encoding: chunked", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        for chunk in chunks:
            connection.sendall(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        if whole:
            connection.sendall(b"0\r\n\r\n")

    return act


def fails(status: int, message: str, headers: dict[str, str] | None = None, **more: object) -> Act:
    body = json.dumps({"error": {"message": message, **more}}).encode()
    return sends(body, status=status, kind="application/json", headers=headers)


def hangs(service: Service, _: socket.socket) -> None:
    service.over.wait(20)


def only_comments(service: Service, connection: socket.socket) -> None:
    sends(whole=False)(service, connection)
    while not service.over.wait(0.02):
        connection.sendall(b"9\r\n: alive\n\n\r\n")


def data(value: object) -> bytes:
    return f"data: {value if isinstance(value, str) else json.dumps(value)}\n\n".encode()


def says(text: str | None = None, finish: str | None = None, **delta: object) -> bytes:
    content = {} if text is None else {"content": text}
    return data({"choices": [{"index": 0, "delta": {**content, **delta}, "finish_reason": finish}]})


GOOD = sends(says("In "), says("Norway.", "stop"), data("[DONE]"))


@pytest.fixture(scope="module")
def running() -> Iterator[Service]:
    service = Service()
    yield service
    service.close()


@pytest.fixture
def service(running: Service) -> Service:
    running.asked.clear()
    return running


def opened(service: Service, name: str = "openai:tiny-135m", **changes: object) -> ChatModel:
    settings: dict[str, Any] = {"api_key": SecretStr(KEY), "timeout_s": 5.0, "backoff_s": 0.001} | changes
    model = open_model(name, ModelOptions(**({"base_url": service.url} | settings)))
    assert model is not None
    return model


def ask(model: ChatModel, max_tokens: int = 12) -> Reply:
    reply = model.stream(ASK, max_tokens=max_tokens, temperature=0, seed=0)
    assert isinstance(reply, Reply)
    return reply


def told(service: Service, *acts: Act, name: str = "openai:tiny-135m", **changes: object) -> tuple[str, Reply]:
    """Return the text that comes of these acts, and the reply with its record."""
    service.acts = list(acts)
    model = opened(service, name, **changes)
    reply = ask(model)
    try:
        return "".join(reply), reply
    finally:
        model.close()


# The stream


EVENTS = """data: {"a": "é\u2028b"}

: comment

event: error
data: one
data:two

id: 7

data: [DONE]

""".encode()
READ = [("", '{"a": "é\u2028b"}'), ("error", "one\ntwo"), ("", "[DONE]")]


@given(st.sampled_from([b"\n", b"\r\n", b"\r"]), st.lists(st.integers(0, 120)), st.booleans())
def test_events_are_read_however_they_are_cut_and_their_lines_end(end: bytes, cuts: list[int], whole: bool) -> None:
    text = EVENTS.replace(b"\n", end)
    text = text if whole else text.removesuffix(end)
    places = [0, *sorted(cuts), len(text)]
    assert list(events([text[a:b] for a, b in pairwise(places)], 5)) == READ


@pytest.mark.parametrize(
    "chunks",
    [
        [
            b": OPENROUTER PROCESSING\r\n\r\n",
            says("In ").replace(b"\n", b"\r\n"),
            says("Norway.", "stop"),
            data("[DONE]"),
        ],
        [says("In Norway."), says(None, "stop")],  # no [DONE]
        [says("In Norway."), data("[DONE]")],  # no finish_reason
        [says(""), says(None, role="assistant"), says("In Norway.", "stop").rstrip()],  # no empty line at the end
        [bytes([byte]) for byte in says("In Norway.", "stop")],
    ],
)
def test_replies_of_many_shapes(service: Service, chunks: list[bytes]) -> None:
    text, reply = told(service, sends(*chunks))
    assert (text, reply.record.finish, reply.record.notes) == ("In Norway.", "stop", [])


def test_tokens_are_taken_from_the_chunk_without_choices(service: Service) -> None:
    usage = {"prompt_tokens": 31, "completion_tokens": 9, "completion_tokens_details": {"reasoning_tokens": 4}}
    text, reply = told(service, sends(says("Yes.", "stop"), data({"choices": [], "usage": usage}), data("[DONE]")))
    assert (text, reply.record.tokens) == ("Yes.", {"prompt": 31, "reply": 9, "reasoning": 4})
    assert service.asked[0]["stream_options"] == {"include_usage": True}


def test_a_service_that_does_not_stream_is_read_as_well(service: Service) -> None:
    whole = {"choices": [{"message": {"content": "In Norway."}, "finish_reason": "length"}]}
    text, reply = told(service, sends(json.dumps(whole).encode(), kind="application/json; charset=utf-8"))
    assert (text, reply.record.finish) == ("In Norway.", "length")


@pytest.mark.parametrize("reason", ["length", "max_tokens"])
def test_a_reply_that_was_cut_off_says_so(service: Service, reason: str) -> None:
    text, reply = told(service, sends(says("In Norway. And"), says(None, reason), data("[DONE]")))
    assert (text, reply.record.finish, reply.record.notes) == ("In Norway. And", "length", ["the reply was cut off"])


def test_a_reply_whose_end_is_not_announced_may_be_cut_off(service: Service) -> None:
    text, reply = told(service, sends(says("In Norway. And")))
    assert (text, reply.record.finish) == ("In Norway. And", "length")
    assert "the service did not say that its reply is complete" in reply.record.notes


# Failures that may pass


def test_what_may_pass_is_tried_again_and_told(service: Service) -> None:
    text, reply = told(service, fails(429, "slow down", {"Retry-After": "0"}), fails(503, "loading"), GOOD)
    assert text == "In Norway."
    assert reply.record.notes == ["429: asked again after 0 s", "503: asked again after 0.002 s"]


@pytest.mark.parametrize(
    "first",
    [
        sends(says(""), whole=False),  # hung up before the first word
        sends(data({"error": {"code": 503, "message": "overloaded"}})),
        lambda service, connection: connection.close(),
    ],
)
def test_a_reply_that_ends_before_its_first_word_is_asked_for_again(service: Service, first: Act) -> None:
    text, reply = told(service, first, GOOD)
    assert text == "In Norway."
    assert re.fullmatch(r"(503|no connection): asked again after 0\.001 s", reply.record.notes[0])


def test_the_wait_that_a_service_asks_for_is_kept(service: Service) -> None:
    start = time.monotonic()
    told(service, fails(429, "slow down", {"Retry-After": "0.2"}), GOOD)
    assert time.monotonic() - start >= 0.2


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "Sun, 03 May 2026 10:00:40 GMT"}, 40),
        ({"retry-after": "Sun, 03 May 2026 09:00:00 GMT"}, 0),
        ({"retry-after": "Sunday, 03-May-26 10:00:40 GMT"}, 40),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "inf"}, None),
        ({}, None),
    ],
)
def test_both_forms_of_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, datetime(2026, 5, 3, 10, 0, 0, tzinfo=UTC)) == seconds


@pytest.mark.parametrize(
    ("act", "requests", "said"),
    [
        (fails(429, "slow down", {"Retry-After": "120"}), 1, r"asks to wait 120 s"),
        (fails(429, "pay first", code="insufficient_quota"), 1, r"no credit left \(.*pay first"),
        (fails(500, "no", {"x-should-retry": "false"}), 1, r"the service failed \(500"),
        (fails(400, "what?"), 1, r"refuses the request \(400"),
        (fails(502, "bad gateway"), 4, r"the service failed \(502"),
        (sends(whole=False), 4, r"no server answers"),
    ],
)
def test_how_often_a_request_is_sent(service: Service, act: Act, requests: int, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        told(service, act)
    assert len(service.asked) == requests


@pytest.mark.parametrize("act", [hangs, only_comments])
def test_silence_is_left_after_the_time_out_and_tried_once_more(service: Service, act: Act) -> None:
    with pytest.raises(ModelError, match=r"no word within 0\.15 s"):
        told(service, act, timeout_s=0.15)
    assert len(service.asked) == 2


# Replies that cannot be used as they are


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (sends(says("In Norway. Bu"), whole=False), "broke in the middle"),
        (sends(says("In Norway. Bu"), data('{"choices": [')), "makes no sense"),
        (sends(says("In Norway. Bu"), data({"error": {"message": "lost the GPU"}})), "lost the GPU"),
        (sends(says("In Norway. Bu"), b"event: error\n" + data({"message": "lost the GPU"})), "lost the GPU"),
        (sends(says("In Norway. Bu"), says(None, "content_filter")), "declined"),
    ],
)
def test_a_reply_that_breaks_gives_its_pieces_and_then_an_error(service: Service, act: Act, said: str) -> None:
    service.acts = [act]
    reply = ask(opened(service))
    assert next(reply) == "In Norway. Bu"
    with pytest.raises(ReplyError, match=said):
        next(reply)
    assert reply.record.finish in ("broken", "declined")
    assert len(service.asked) == 1, "a reply of which something was shown cannot be begun anew"


@pytest.mark.parametrize(
    "act",
    [
        sends(says(None, refusal="I can"), says(None, "stop", refusal="not."), data("[DONE]")),
        sends(says(None, "content_filter"), data("[DONE]")),
        fails(400, "filtered", code="content_filter"),
    ],
)
def test_a_service_that_declines_is_told_from_an_empty_reply(service: Service, act: Act) -> None:
    with pytest.raises(ReplyError, match="the service declined to answer"):
        told(service, act)


def test_the_words_of_a_refusal_are_in_the_record(service: Service) -> None:
    service.acts = [sends(says(None, refusal=f"No {KEY}"), says(None, "stop", refusal=" today."), data("[DONE]"))]
    reply = ask(opened(service))
    with pytest.raises(ReplyError):
        next(reply)
    assert reply.record.notes == ["the service declined: No *** today."]


@pytest.mark.parametrize(
    ("message", "more", "limit"),
    [
        (
            "request (611 tokens) exceeds the available context size",
            {"n_ctx": 512, "type": "exceed_context_size_error"},
            512,
        ),
        ("This model's maximum context length is 4,096 tokens. Reduce max_tokens.", {}, 4096),
        ("too long", {"code": "context_length_exceeded"}, None),
    ],
)
def test_a_prompt_that_is_too_long_teaches_the_limit(
    service: Service, message: str, more: dict[str, Any], limit: int | None
) -> None:
    service.acts = [fails(400, message, **more)]
    model = opened(service)
    with pytest.raises(ContextError, match="'context_tokens'") as caught:
        next(ask(model))
    assert caught.value.limit == limit
    assert model.context == (limit or 8192)


@pytest.mark.parametrize(
    "message", ["Unknown field: stream_options", "stream_options: Extra inputs are not permitted", "no 'seed' here"]
)
def test_parameters_of_which_a_service_complains_are_left_out(service: Service, message: str) -> None:
    text, reply = told(service, fails(422, message), GOOD)
    name = "seed" if "seed" in message else "stream_options"
    assert (text, reply.record.notes) == ("In Norway.", [f"{name} was refused"])
    assert name in service.asked[0] and name not in service.asked[1]


def passages(room: int) -> tuple[Message, ...]:
    return (Message("system", "Answer from the text."), Message("user", "word " * room))


def test_passages_are_cut_until_the_service_can_read_them(service: Service) -> None:
    too_long = fails(400, "This model's maximum context length is 300 tokens.")
    service.acts = [too_long, fails(400, "the prompt is too long"), GOOD]
    reply = stream_fitting(opened(service), passages, 600, max_tokens=20, temperature=0, seed=0)
    assert "".join(reply) == "In Norway."
    sent = [body["messages"][1]["content"].count("word") for body in service.asked]
    assert sent[0] == 600 and 200 < sent[1] < 260 and sent[2] == sent[1] - sent[1] // 3
    assert reply.record.finish == "stop" and len(reply.record.notes) == 2
    assert re.fullmatch(
        r"passages cut from 600 to \d+ tokens: the model said that it is too much", reply.record.notes[0]
    )


def test_our_own_count_cuts_passages_before_anything_is_sent(service: Service) -> None:
    service.acts = [GOOD]
    reply = stream_fitting(opened(service, context=200), passages, 600, max_tokens=20, temperature=0, seed=0)
    assert "".join(reply) == "In Norway."
    (body,) = service.asked
    assert 100 < body["messages"][1]["content"].count("word") < 180
    assert reply.record.notes[0].endswith("the model reads 200")


def test_when_nothing_is_left_to_cut_the_error_is_told(service: Service) -> None:
    service.acts = [fails(400, "the prompt is too long")]
    reply = stream_fitting(opened(service), passages, 600, max_tokens=20, temperature=0, seed=0)
    with pytest.raises(ContextError, match="'context_tokens'"):
        next(reply)
    assert 2 < len(service.asked) <= 6


# Reasoning


@pytest.mark.parametrize(
    "chunks",
    [
        [says(None, reasoning_content="Oslo, Oslo"), says("In Norway.", "stop")],
        [says(None, reasoning="Oslo, Oslo"), says("In Norway.", "stop")],
        [says("<think>Oslo, Oslo</th"), says("ink>\n\nIn Norway.", "stop")],
        [says("[THI"), says("NK]Oslo, Oslo[/THINK]In Norway.", "stop")],
        [says("<|channel|>analysis<|message|>Oslo, Oslo<|channel|>final<|mess"), says("age|>In Norway.", "stop")],
        [
            data(
                {
                    "choices": [
                        {"delta": {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "?"}]}]}}
                    ]
                }
            ),
            data(
                {"choices": [{"delta": {"content": [{"type": "text", "text": "In Norway."}]}, "finish_reason": "stop"}]}
            ),
        ],
    ],
)
def test_reasoning_is_left_out_wherever_it_stands(service: Service, chunks: list[bytes]) -> None:
    text, reply = told(service, sends(*chunks, data("[DONE]")))
    assert text == "In Norway."
    if reply.record.thoughts:
        assert (reply.record.thoughts, reply.record.notes) == (10, ["10 characters of reasoning were left out"])


STRAY = sends(says("Oslo, "), says("Oslo</think>"), says("In Norway.", "stop"), data("[DONE]"))


def test_a_model_that_is_named_for_its_reasoning_is_waited_for(service: Service) -> None:
    assert told(service, STRAY, name="openai:deepseek-r1-7b")[0] == "In Norway."
    assert told(service, sends(says("In "), says("Norway.", "stop")), name="openai:deepseek-r1-7b")[0] == "In Norway."


def test_a_model_that_reasons_without_an_opening_tag_is_known_after_its_first_reply(service: Service) -> None:
    service.acts = [STRAY]
    model = opened(service)
    first = ask(model)
    assert "".join(first) == "Oslo, In Norway."
    assert "reasoning without an opening tag: its beginning may stand in the reply" in first.record.notes
    assert "".join(ask(model)) == "In Norway."


@pytest.mark.parametrize("thoughts", [says(None, reasoning_content="Oslo, Oslo"), says("<think>Oslo, Oslo")])
def test_a_reply_that_was_all_reasoning_is_asked_for_again_with_more_tokens(service: Service, thoughts: bytes) -> None:
    service.acts = [sends(thoughts, says(None, "length"), data("[DONE]")), GOOD]
    model = opened(service)
    reply = ask(model)
    assert "".join(reply) == "In Norway."
    assert (reply.record.finish, reply.record.notes[0]) == (
        "stop",
        "reasoning used up its 12 tokens: asked again with 4096 more",
    )
    assert "".join(ask(model)) == "In Norway."
    assert [body["max_tokens"] for body in service.asked] == [12, 4108, 4108]


def test_reasoning_that_never_ends_is_an_error_that_names_it(service: Service) -> None:
    with pytest.raises(ReplyError, match=r"empty but for \d+ characters of reasoning\. Allow it more tokens"):
        told(service, sends(says("<think>Oslo, Oslo"), says(None, "length"), data("[DONE]")))
    assert len(service.asked) == 2


# Secrets


ECHOES = [KEY, KEY[:14] + "…", "…" + KEY[-9:], KEY.replace("-", "%2D"), f"Bearer {KEY}"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_a_key_that_a_service_echoes_is_nowhere(
    service: Service, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ModelError) as caught:
        told(service, fails(status, f"wrong: {' '.join(ECHOES)}"))
    shown = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert "asked again" in shown or "openai:tiny-135m" in shown
    assert not [KEY[at : at + 9] for at in range(len(KEY) - 8) if KEY[at : at + 9] in shown]


@pytest.mark.parametrize("user", ["ann:p%40ss-word-77@", "ann:pass-word-77@"])
def test_a_password_in_the_address_is_sent_and_not_shown(
    service: Service, user: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = service.url.replace("//", f"//{user}")
    said = []
    for act in (
        fails(500, f"no {url} YW5uOnBhc3Mtd29yZC03Nw=="),
        sends(data("so sorry")),
        sends(says("a"), whole=False),
    ):
        with pytest.raises(ModelError) as caught:
            told(service, act, base_url=url)
        said.append("".join(traceback.format_exception(caught.value)))
    with pytest.raises(ModelError) as away:
        open_model("openai:x", ModelOptions(base_url=f"https://{user}models.example/v1"))
    shown = " ".join([*said, str(away.value), caplog.text])
    assert "://***@127.0.0.1" in shown and "https://***@models.example/v1'" in shown
    assert "word-77" not in shown and "YW5uOnBhc3Mt" not in shown
    assert service.heads[-1].count(b"Basic ") == 1


def test_a_key_in_the_query_of_the_address_is_refused_unshown(service: Service) -> None:
    with pytest.raises(ModelError, match=r"must end before its '\?'") as caught:
        opened(service, base_url=f"{service.url}?key={KEY}")
    assert KEY[:9] not in str(caught.value)


def test_the_blanks_around_a_key_from_a_file_are_not_sent_and_others_are_refused(service: Service) -> None:
    assert told(service, GOOD, api_key=SecretStr(f"  {KEY}\r\n"))[0] == "In Norway."
    for wrong in (f"{KEY}\nX-More: 1", f"{KEY} {KEY}", f"“{KEY}”"):
        with pytest.raises(ModelError, match="the key holds") as caught:
            opened(service, api_key=SecretStr(wrong))
        assert KEY[:9] not in str(caught.value)


@given(st.text(max_size=40), st.text(max_size=40), st.integers(0, 24), st.integers(8, 32))
def test_every_longer_part_of_a_key_is_struck_out(before: str, after: str, start: int, length: int) -> None:
    part = KEY[start : start + length]
    shown = Redactor(ModelOptions(api_key=SecretStr(KEY)))(before + part + after)
    assert not [at for at in range(len(KEY) - 7) if KEY[at : at + 8] in shown]
    assert shown.startswith(before[:-8])


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"),
        ("https://ann:secret@models.example/v1", "https://***@models.example/v1"),
        ("https://ann:se/cr?e#t@models.example/v1?key=secret#secret", "https://***@models.example/v1"),
        ("ann:secret@models.example", "***@models.example"),
    ],
)
def test_an_address_is_shown_without_its_secrets(url: str, shown: str) -> None:
    assert shown_address(url) == shown
