"""All settings, in one frozen object. Built at the edge (defaults < `rag.toml` < `RAG_*` < flags), passed down.

The file is `rag.toml` in the home folder, or the one that `RAG_CONFIG` or `--config` names. It is never looked for in
the working folder: that may hold documents, and documents must not change settings.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.errors import SettingsError
from rag.fusion import Fusion

COLLECTION = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
_SECRET = re.compile("key|api_token", re.IGNORECASE)
"""Settings whose value is never shown, by any name that they are given."""


class Settings(BaseSettings):
    """What a user can set. Every field is also an environment variable: `RAG_` and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="RAG_", frozen=True, extra="forbid", populate_by_name=True)

    home: Annotated[Path, Field(description="Folder that holds the libraries.")] = Path(
        platformdirs.user_data_dir("rag", appauthor=False)
    )
    collection: Annotated[str, Field(pattern=COLLECTION, description="Name of the collection of documents.")] = (
        "default"
    )
    offline: Annotated[bool, Field(description="Open no connection but to this machine.")] = True

    model: Annotated[
        str,
        Field(
            description="extractive, gguf:package, gguf:PATH, transformers:NAME or openai:NAME; who writes the answer."
        ),
    ] = "extractive"
    base_url: Annotated[str, Field(description="Address of the OpenAI-compatible service for openai:NAME.")] = (
        "http://127.0.0.1:8080/v1"
    )
    api_key: Annotated[
        SecretStr | None,
        Field(
            description="Key for that service; also read from OPENAI_API_KEY.",
            validation_alias=AliasChoices("api_key", "RAG_API_KEY", "OPENAI_API_KEY"),
        ),
    ] = None
    timeout_s: Annotated[float, Field(gt=0, description="Seconds to wait for a model's next words.")] = 60.0
    threads: Annotated[int | None, Field(ge=1, description="Threads of a local model; one for each core if unset.")] = (
        None
    )
    model_context: Annotated[
        int | None, Field(ge=512, description="Tokens that a model's prompt and answer share; its own if unset.")
    ] = None
    max_tokens: Annotated[int, Field(ge=16, le=8192, description="Most tokens that a model may write.")] = 220
    context_tokens: Annotated[int, Field(ge=128, description="Most tokens of passages that a model is given.")] = 1500
    temperature: Annotated[float, Field(ge=0, le=2, description="0 gives the same answer every time.")] = 0.0
    seed: Annotated[int, Field(ge=0, description="Seed of a model's choices above temperature 0.")] = 0
    prompts: Annotated[Path | None, Field(description="Folder of prompts that replace ours by name.")] = None

    embedder: Annotated[str, Field(description="Embedding model: a name or a folder.")] = "all-MiniLM-L6-v2"
    device: Annotated[str, Field(description="cpu, or a torch device such as cuda.")] = "cpu"
    evidence_model: Annotated[
        str, Field(description="What judges evidence: default, off, a folder of weights or a cross-encoder's name.")
    ] = "default"
    candidates: Annotated[int, Field(ge=1, le=1000, description="Passages taken from each list before fusion.")] = 60
    fusion: Annotated[Fusion, Field(description="How lists become one: scores, ranks, dense or lexical.")] = "scores"
    passages: Annotated[int, Field(ge=1, le=100, description="Passages kept after fusion.")] = 10
    max_sentences: Annotated[int, Field(ge=1, le=10, description="Most sentences of an extractive answer.")] = 3
    refuse_below: Annotated[
        float,
        Field(ge=0, le=1, description="Refuse when the chance that the documents answer is below this."),
    ] = 0.5
    read_seconds: Annotated[float, Field(gt=0, description="Seconds that reading one file may take.")] = 60
    read_memory_mb: Annotated[int, Field(ge=256, description="Most memory that reading one file may take, in MB.")] = (
        2048
    )
    max_file_mb: Annotated[int, Field(ge=1, description="Largest file that is read, in MB.")] = 100

    api_token: Annotated[
        SecretStr | None,
        Field(min_length=16, exclude=True, description="What 'rag ui' and 'rag serve' ask of whoever connects."),
    ] = None
    interface: Annotated[Literal["en", "ru"], Field(description="Language of the page: en or ru.")] = "en"

    @property
    def library(self) -> Path:
        """The folder of the collection's library."""
        return self.home.expanduser() / "collections" / self.collection

    @property
    def cache(self) -> Path:
        """The folder of what is made of models once: traced graphs, compiled ones, the packaged model in eight bits."""
        return self.home.expanduser() / "models"


def load_settings(flags: Mapping[str, object] | None = None, config: Path | None = None) -> Settings:
    """Build the settings from the defaults, the file, the environment and the flags that are given (not None).

    Raises:
        SettingsError: with every setting that cannot be used, its value and what is allowed.
    """
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    file = {name: value for name, value in _file(config).items() if f"RAG_{name.upper()}" not in os.environ}
    return _settings(file | given)


def with_values(settings: Settings, values: Mapping[str, object]) -> Settings:
    """Return settings with other values for some of them.

    Raises:
        SettingsError: with every value that cannot be used, and what is allowed.
    """
    return _settings({name: getattr(settings, name) for name in Settings.model_fields} | dict(values))


def _settings(values: dict[str, Any]) -> Settings:
    try:
        return Settings(**values)
    except ValidationError as error:
        lines = []
        for problem in error.errors(include_url=False):
            name = ".".join(map(str, problem["loc"]))
            if problem["type"] == "extra_forbidden":
                known = ", ".join(sorted(Settings.model_fields))
                lines.append(f"there is no setting {name!r}; there are: {known}")
            else:
                value = "" if _SECRET.search(name) else f" = {problem['input']!r}"
                lines.append(f"the setting {name}{value} cannot be used: {problem['msg']}")
        raise SettingsError("; ".join(lines)) from None


def _file(config: Path | None) -> dict[str, Any]:
    """Return the values of the settings file; none when there is no file and none was named."""
    named = config or os.environ.get("RAG_CONFIG")
    home = os.environ.get("RAG_HOME") or Settings.model_fields["home"].default
    path = Path(named) if named else Path(home).expanduser() / "rag.toml"
    if not named and not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"there is no settings file {path}: check --config or RAG_CONFIG") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"the settings file {path} cannot be read: {error}") from error
