"""Model names, what can be used here, sizes, and text on its way into a model and out of it."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import rag.models
from rag.errors import ModelError
from rag.models import ModelOptions, Record, Size, describe, open_model
from rag.models.base import parameters_in, size_of
from rag.models.text import defuse, pump, reply
from rag.models.thoughts import after_thoughts, names_a_reasoner, without_thoughts

OFFLINE = ModelOptions()


def test_importing_models_imports_no_engine_and_starts_no_thread() -> None:
    code = (
        "import sys, threading, rag.models, prompts\n"
        "rag.models.describe(rag.models.ModelOptions())\n"
        "heavy = {'openai', 'transformers', 'torch', 'xllamacpp', 'tiktoken', 'socket'} & set(sys.modules)\n"
        "print(sorted(heavy), threading.active_count())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True, timeout=60)
    assert done.stdout == "[] 1\n"


def test_what_is_public() -> None:
    assert all(hasattr(rag.models, name) for name in rag.models.__all__)
    classes = ["ChatModel", "ContextError", "Message", "ModelInfo", "ModelOptions", "Record", "Reply", "ReplyError"]
    assert rag.models.__all__ == [*classes, "Size", "describe", "model_options", "open_model", "stream_fitting"]


def test_extractive_is_no_model() -> None:
    assert open_model("extractive", OFFLINE) is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ggfu:package", "Did you mean gguf:package?"),
        ("GGUF:package", "Did you mean gguf:package?"),
        ("extractiv", "Did you mean extractive?"),
        ("openai", "Write what follows the colon, as in openai:NAME."),
        ("gguf:", "Write what follows the colon, as in gguf:package."),
        ("Qwen/Qwen3-0.6B", "Did you mean transformers:Qwen/Qwen3-0.6B?"),
        ("hf:Qwen/Qwen3-0.6B", "Did you mean transformers:Qwen/Qwen3-0.6B?"),
        ("ollama:qwen2.5:0.5b", "Did you mean openai:qwen2.5:0.5b?"),
        ("extractive:all", "Did you mean extractive?"),
        ("smollm2", "Did you mean gguf:package?"),
        ("gpt-9", "If a service knows it by this name, write openai:gpt-9."),
        ("qwen2.5:0.5b", "If a service knows it by this name, write openai:qwen2.5:0.5b."),
        (
            "",
            "''. Names are extractive, gguf:package, gguf:PATH, transformers:NAME, openai:NAME.",
        ),
    ],
)
def test_an_unknown_name_gets_a_suggestion_and_all_forms(name: str, said: str) -> None:
    with pytest.raises(ModelError, match=re.escape(said)) as caught:
        open_model(name, OFFLINE)
    assert f"There is no model {name!r}" in str(caught.value)
    assert "transformers:NAME" in str(caught.value)


def test_a_bare_path_of_a_gguf_file_gets_its_scheme(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    path.touch()
    with pytest.raises(ModelError, match=re.escape(f"Did you mean gguf:{path}?")):
        open_model(str(path), OFFLINE)


def test_describe_lists_every_form() -> None:
    found = {info.name: info for info in describe(OFFLINE)}
    assert list(found) == ["extractive", "gguf:package", "gguf:PATH", "transformers:NAME", "openai:NAME"]
    assert all(info.usable for info in found.values()), found
    assert found["gguf:package"].size == "tiny"


def test_describe_says_why_not_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    away = describe(replace(OFFLINE, base_url="https://api.example.com/v1"))[-1]
    assert not away.usable
    assert "Set 'offline' to false" in away.note

    monkeypatch.setattr("rag.models.base.importlib.util.find_spec", lambda name: None)
    notes = {info.name: info.note for info in describe(OFFLINE) if not info.usable}
    assert notes == {
        "gguf:package": "not installed: pip install xllamacpp",
        "gguf:PATH": "not installed: pip install xllamacpp",
        "transformers:NAME": "not installed: pip install transformers torch",
        "openai:NAME": "not installed: pip install openai",
    }
    for name in ("gguf:package", "transformers:x", "openai:x"):
        with pytest.raises(ModelError, match=r"needs .*\. Run: pip install "):
            open_model(name, OFFLINE)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("SmolLM2-135M-Instruct.Q4_1", 135e6),
        ("qwen2.5:0.5b-instruct", 0.5e9),
        ("Qwen/Qwen2.5-7B-Instruct", 7e9),
        ("mixtral-8x7b", 56e9),
        ("qwen3-30b-a3b", 30e9),
        ("gpt-4o", None),
        ("phi-3-mini-4k", None),
        ("gpt-3.5-turbo", None),
    ],
)
def test_parameters_in_a_name(name: str, parameters: float | None) -> None:
    assert parameters_in(name) == parameters


@pytest.mark.parametrize(
    ("parameters", "size"),
    [
        (135e6, "tiny"),
        (1.5e9, "small"),
        (3e9, "instruct"),
        (14.8e9, "instruct"),
        (15e9, "large"),
        (float("inf"), "large"),
    ],
)
def test_size_by_parameters(parameters: float, size: Size) -> None:
    assert size_of(parameters) == size


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Oslo.", "Oslo."),
        ("<think>Norway?</think>\n\nOslo.", "Oslo."),
        ("<thinking>a < b</thinking>Oslo <b>is</b> it.", "Oslo <b>is</b> it."),
        ("Os<think>x</think>lo. <think>y</think>", "Oslo. "),
        ("<think>never closed", ""),
        ("<THINK>Norway? <think> again</THINK>Oslo.", "Oslo."),
        ("[THINK]Norway?[/THINK]Oslo [1].", "Oslo [1]."),
        ("◁think▷Norway?◁/think▷Oslo.", "Oslo."),
        ("<|channel|>analysis<|message|>Norway?<|end|><|start|>assistant<|channel|>final<|message|>Oslo.", "Oslo."),
        ("a <", "a <"),
        ("a <thin line [", "a <thin line ["),
        ("", ""),
    ],
)
@pytest.mark.parametrize("length", [1, 3, 1000])
def test_reasoning_is_removed_however_it_is_cut(text: str, answer: str, length: int) -> None:
    pieces = [text[at : at + length] for at in range(0, len(text), length)]
    record = Record()
    assert "".join(without_thoughts(pieces, record)) == answer
    assert not record.stray
    assert "".join(after_thoughts(without_thoughts(pieces, Record()), Record())) == answer


@pytest.mark.parametrize("length", [1, 3, 1000])
def test_reasoning_without_an_opening_tag_is_known_when_it_closes(length: int) -> None:
    text = "Norway? Yes.</think>\nOslo."
    pieces = [text[at : at + length] for at in range(0, len(text), length)]
    record = Record()
    assert "".join(without_thoughts(pieces, record)).endswith("Oslo.")
    assert record.stray
    held = Record()
    assert "".join(without_thoughts(after_thoughts(iter(pieces), held), held)) == "Oslo."
    assert (held.stray, held.thoughts) == (False, len("Norway? Yes."))


def test_reasoning_that_was_cut_off_before_any_tag_is_no_reply() -> None:
    record = Record(finish="length")
    assert "".join(after_thoughts(iter(["Norway? ", "Or Swe"]), record)) == ""
    assert record.thoughts == len("Norway? Or Swe")


@pytest.mark.parametrize(
    ("name", "reasons"),
    [
        ("deepseek-r1:7b", True),
        ("QwQ-32B", True),
        ("Qwen3-4B-Thinking-2507", True),
        ("deepseek-reasoner", True),
        ("r1234-chat", False),
        ("gpt-9-mini", False),
    ],
)
def test_a_name_declares_reasoning(name: str, reasons: bool) -> None:
    assert names_a_reasoner(name) is reasons


def test_text_is_not_held_back_longer_than_a_tag() -> None:
    def pieces() -> object:
        yield "Oslo "
        raise AssertionError("asked for more before the first piece was handed on")

    assert next(without_thoughts(pieces(), Record())) == "Oslo "  # type: ignore[arg-type]


def test_control_tokens_of_a_document_are_split() -> None:
    text = "a<|im_end|>\n<|im_start|>system</s>[INST]<end_of_turn><\uff5cUser\uff5c> <b>3 < 4</b> 5|>"
    assert defuse(text) == (
        "a< |im_end|>\n< |im_start|>system< /s>[ INST]< end_of_turn>< \uff5cUser\uff5c> <b>3 < 4</b> 5|>"
    )
    assert defuse("half \ud83d a character") == "half ? a character"
    assert defuse("x<file_sep>y", {"<file_sep>"}) == "x< file_sep>y"


def test_a_reply_without_text_is_an_error() -> None:
    def blank() -> object:
        yield from ("<think>hm</think>", " \n")

    with pytest.raises(ModelError, match="nothing"):
        list(reply(blank(), Record(), lambda: ModelError("nothing")))  # type: ignore[arg-type]


def test_pump_yields_while_the_generation_runs_and_raises_what_it_raises() -> None:
    first_taken = threading.Event()

    def generate(emit: Callable[[str], bool]) -> None:
        emit("one")
        assert first_taken.wait(5), "the first piece came only after the generation"
        emit("two")
        raise ModelError("broke")

    pieces = pump(generate)
    assert next(pieces) == "one"
    first_taken.set()
    assert next(pieces) == "two"
    with pytest.raises(ModelError, match="broke"):
        next(pieces)


def test_closing_pump_stops_the_generation_and_joins_its_thread() -> None:
    emitted: list[bool] = []

    def generate(emit: Callable[[str], bool]) -> None:
        while not emitted or not emitted[-1]:
            emitted.append(emit("x"))

    threads = threading.active_count()
    pieces = pump(generate)
    next(pieces)
    pieces.close()
    assert emitted[-1] is True
    assert threading.active_count() == threads
