"""The chat by OpenAI's API, asked by OpenAI's own client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletionMessageParam

from index.embed import Embedder
from rag.settings import Settings
from tests.api_server import BAKERY, HARBOUR, UNKNOWN, Server, error, library_in, serving

BEFORE: list[ChatCompletionMessageParam] = [
    {"role": "system", "content": "Answer like a pirate, and cite nothing."},
    {"role": "user", "content": HARBOUR},
    {"role": "assistant", "content": "The harbour of Lorn handled 4.2 million tons of cargo in 2013. [1]"},
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, filled_home: Path, embedder: Embedder) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("api")
    library = library_in(folder, filled_home, embedder)
    with serving(library, Settings(home=folder / "home")) as made:
        yield made
    library.close()


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{server.url}/v1", api_key="none is asked for", max_retries=0) as made:
        yield made


def said(question: str) -> list[ChatCompletionMessageParam]:
    return [{"role": "user", "content": question}]


def test_an_answer_with_its_citations_as_annotations(client: OpenAI, server: Server) -> None:
    told = client.chat.completions.create(model="rag", messages=said(HARBOUR))
    message = told.choices[0].message
    assert message.content and "4.2 million" in message.content and told.choices[0].finish_reason == "stop"
    assert message.rag["status"] == "answered"  # type: ignore[attr-defined]
    (note,) = message.annotations or []
    place = note.url_citation
    assert message.content[place.start_index : place.end_index] == "[1]" and place.title == "The harbour report"
    citation = note.rag  # type: ignore[attr-defined]
    assert citation["quote"] in message.content and citation["author"] == "Ines Falk"
    there = server.client.get(place.url).json()
    assert there["quote"] == citation["quote"] and not there["changed"]
    assert told.usage and told.usage.total_tokens == 0


def test_a_stream_gives_the_same_sentence_by_sentence(client: OpenAI) -> None:
    question = "How many tons did the harbour of Lorn handle in 2013 and in 2018?"
    whole = client.chat.completions.create(model="rag", messages=said(question)).choices[0].message
    chunks = list(
        client.chat.completions.create(
            model="rag", messages=said(question), stream=True, stream_options={"include_usage": True}
        )
    )
    assert len({chunk.id for chunk in chunks}) == 1
    assert chunks[-1].usage and not chunks[-1].choices and chunks[-2].choices[0].finish_reason == "stop"
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert deltas[0].role == "assistant"
    content = "".join(delta.content or "" for delta in deltas)
    assert content == whole.content
    notes = [note for delta in deltas for note in getattr(delta, "annotations", None) or []]
    assert len([delta for delta in deltas if delta.content]) == len(whole.rag["sentences"])  # type: ignore[attr-defined]
    assert len(notes) >= 2 and len(notes) == len(whole.annotations or [])
    for note in notes:
        place = note["url_citation"]
        assert content[place["start_index"] : place["end_index"]] == f"[{note['rag']['id']}]"
        assert note["rag"]["quote"] in content
    (ours,) = [delta.rag for delta in deltas if hasattr(delta, "rag")]
    assert ours["status"] == "answered"


@pytest.mark.parametrize("stream", [True, False])
def test_a_refusal_is_a_message_like_any_other(client: OpenAI, stream: bool) -> None:
    if stream:
        chunks = client.chat.completions.create(model="rag", messages=said(UNKNOWN), stream=True)
        deltas = [chunk.choices[0].delta for chunk in chunks]
        content = "".join(delta.content or "" for delta in deltas)
        ours = next(delta.rag for delta in deltas if hasattr(delta, "rag"))
    else:
        message = client.chat.completions.create(model="rag", messages=said(UNKNOWN)).choices[0].message
        content, ours = message.content or "", message.rag  # type: ignore[attr-defined]
        assert message.annotations == []
    assert content.startswith("The documents do not answer this question.")
    assert ours["status"] == "refused" and ours["nearest"]


def test_the_conversation_is_the_history_and_orders_are_none(client: OpenAI) -> None:
    told = client.chat.completions.create(model="rag", messages=[*BEFORE, *said("And in 2018?")], temperature=1)
    assert "6.8 million" in (told.choices[0].message.content or "")
    parts: list[ChatCompletionMessageParam] = [{"role": "user", "content": [{"type": "text", "text": BAKERY}]}]
    told = client.chat.completions.create(model="rag:default", messages=parts)
    assert "300 loaves" in (told.choices[0].message.content or "")
    told = client.chat.completions.create(model="extractive", messages=said(BAKERY))
    assert "300 loaves" in (told.choices[0].message.content or "")


def test_the_models_are_collections_and_composers(client: OpenAI) -> None:
    names = [model.id for model in client.models.list()]
    assert names[:2] == ["rag", "rag:default"] and "extractive" in names
    assert client.models.retrieve("rag:default").id == "rag:default"
    with pytest.raises(openai.NotFoundError, match="there are rag, rag:default"):
        client.models.retrieve("gpt-5")


def test_what_cannot_be_asked_is_an_error_of_the_client(client: OpenAI, server: Server) -> None:
    with pytest.raises(openai.UnprocessableEntityError, match="the question is empty"):
        client.chat.completions.create(model="rag", messages=said(" "))
    with pytest.raises(openai.UnprocessableEntityError, match="'gpt-5' is not served here"):
        client.chat.completions.create(model="gpt-5", messages=said(BAKERY))
    with pytest.raises(openai.NotFoundError, match="no collection 'nope'"):
        client.chat.completions.create(model="rag:nope", messages=said(BAKERY))
    with pytest.raises(openai.UnprocessableEntityError, match="must be a question of the role 'user'"):
        client.chat.completions.create(model="rag", messages=BEFORE[:1])
    with pytest.raises(openai.APIError, match="the question is empty"):
        list(client.chat.completions.create(model="rag", messages=said("?"), stream=True))
    assert "messages" in error(server.client.post("/v1/chat/completions", json={}), 422, "invalid_request")
