"""The whole path with real models: SmolLM2 in this process, and the same served over the OpenAI protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from rag.models.package import packaged_gguf
from tests.conftest import Rag

xllamacpp: Any = pytest.importorskip("xllamacpp")
CARGO = "How much cargo did the harbour of Lorn handle in 2013?"
KEY = "key-for-this-test"

pytestmark = pytest.mark.skipif(packaged_gguf() is None, reason="the weights package of SmolLM2 is not installed")


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    """Serve SmolLM2 by llama.cpp's own server on 127.0.0.1."""
    params = xllamacpp.CommonParams()
    params.model.path = str(packaged_gguf())
    params.model_alias = {"smollm2-135m"}
    params.n_ctx, params.n_parallel, params.warmup, params.verbosity = 2048, 1, False, -1
    params.api_keys = [KEY]
    server = xllamacpp.Server(params)
    server.handle_metrics()  # a server that is dropped before its first request would wait for one forever
    yield f"{server.listening_address}/v1"
    del server


def _checked(data: dict[str, Any]) -> None:
    """Hold an answer to what is promised of every answer, whatever the model wrote."""
    assert data["status"] in {"answered", "partial"}
    quotes = {c["id"]: c["quote"] for c in data["citations"]}
    for sentence in data["sentences"]:
        assert sentence["verdict"] == "supported"
        assert sentence["citations"]
        if "4.2" in sentence["text"]:
            assert any("4.2" in quotes[n] for n in sentence["citations"])
    assert "4.2 million" in data["answer"]


def test_a_local_model_through_the_command_line(filled: Rag) -> None:
    done = filled("ask", CARGO, "-m", "gguf:package", "--json")
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    _checked(data)
    assert data["trace"]["model"] == "gguf:package"
    assert data["trace"]["tokens"]["draft"] > 3


def test_a_hosted_model_through_the_command_line(filled: Rag, service: str) -> None:
    done = filled("ask", CARGO, "-m", "openai:smollm2-135m", "--base-url", service, "--json", OPENAI_API_KEY=KEY)
    assert done.returncode == 0, done.stderr
    _checked(json.loads(done.stdout))
    assert KEY not in done.stdout + done.stderr


def test_a_wrong_key_is_one_clear_line(filled: Rag, service: str) -> None:
    done = filled("ask", CARGO, "-m", "openai:smollm2-135m", "--base-url", service, RAG_API_KEY="wrong-key")
    assert done.returncode == 1
    assert "401" in done.stderr
    assert "Traceback" not in done.stderr
    assert "wrong-key" not in done.stderr
