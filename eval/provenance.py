"""What a run records of where its answers come from: settings, library, versions and the hashes of the models."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from eval.formats import Item, QuestionSet
from eval.run import json_settings, now
from eval.runs import Run

if TYPE_CHECKING:
    from index.library import Library
    from rag.settings import Settings

PACKAGES = (
    "rag",
    "faiss-cpu",
    "ir-measures",
    "kreuzberg",
    "numpy",
    "openai",
    "openvino",
    "sentencex",
    "tantivy",
    "tokenizers",
    "torch",
    "trafilatura",
    "transformers",
    "xllamacpp",
)
"""Packages whose version can change an answer or a figure."""


def new_run(question_set: QuestionSet, items: Sequence[Item], settings: Settings, library: Library) -> Run:
    """Return a run of these items of a set that has no answers yet."""
    return Run(
        set=question_set.name,
        started=now(),
        settings=recorded(settings),
        ids=tuple(item.id for item in items),
        set_hash=question_set.digest,
        questions=len(question_set.items),
        seed=settings.seed,
        versions=_versions(),
        models=_models(settings),
        library=_library(library),
        machine={"system": platform.system(), "processor": platform.machine(), "cores": os.cpu_count()},
    )


def recorded(settings: Settings) -> dict[str, Any]:
    """Return the settings as a file may hold them: without the key, nor a password in an address."""
    data = json_settings(settings.model_dump(mode="json", exclude={"api_key"}))
    address = urlsplit(data["base_url"])
    data["base_url"] = urlunsplit(address._replace(netloc=address.netloc.rpartition("@")[2]))
    return data


def differences(one: Run, other: Run) -> list[str]:
    """Say what, beside times and the machine, is not the same in two runs; empty where one can go on with the other."""
    found = []
    if (one.set, one.set_hash) != (other.set, other.set_hash):
        found.append("the set of questions")
    if one.ids != other.ids:
        found.append("which questions are asked")
    if _contents(one) != _contents(other):
        found.append("the documents of the library")
    found += [f"{name} ({was!r}, now {is_!r})" for name, was, is_ in changed_settings(one, other)]
    found += [f"the weights of the {name}" for name in one.models if one.models[name] != other.models.get(name)]
    if one.versions != other.versions:
        names = sorted(n for n in {**one.versions, **other.versions} if one.versions.get(n) != other.versions.get(n))
        found.append(f"the version of {', '.join(names)}")
    return found


def changed_settings(one: Run, other: Run) -> list[tuple[str, Any, Any]]:
    """Return the settings that differ, with both values; those that no answer depends on do not count."""
    names = sorted({*one.settings, *other.settings} - {"home", "collection", "interface"})
    pairs = [(name, one.settings.get(name), other.settings.get(name)) for name in names]
    return [(name, a, b) for name, a, b in pairs if a != b]


def _contents(run: Run) -> list[str]:
    return sorted(document["id"] for document in run.library.get("documents", ()))


def _versions() -> dict[str, str]:
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _models(settings: Settings) -> dict[str, dict[str, str | None]]:
    from index.embed import find_weights
    from rag.models.package import packaged_gguf
    from rag.reader import SHIPPED

    weights = find_weights(settings.embedder)
    found = {"embedder": _model(settings.embedder, Path(weights) if weights else None)}
    if settings.evidence_model != "off":
        folder = SHIPPED if settings.evidence_model == "default" else Path(settings.evidence_model).expanduser()
        found["evidence"] = _model(settings.evidence_model, folder)
    scheme, _, target = settings.model.partition(":")
    if scheme == "gguf":
        path = packaged_gguf() if target == "package" else Path(target).expanduser()
        found["composer"] = _model(settings.model, path)
    elif target:
        found["composer"] = _model(settings.model, Path(target) if scheme == "transformers" else None)
    return found


def _model(name: str, path: Path | None) -> dict[str, str | None]:
    return {"name": name, "sha256": digest(path) if path is not None and path.exists() else None}


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, or of the names and contents of a folder's files."""
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    whole = hashlib.sha256()
    for file_path in sorted(p for p in path.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        whole.update(f"{file_path.relative_to(path).as_posix()}\0{digest(file_path)}\n".encode())
    return whole.hexdigest()


def _library(library: Library) -> dict[str, Any]:
    return {
        "name": library.folder.name,
        "embedder": library.embedder.name,
        "documents": [
            {
                "id": info.id,
                "name": Path(info.source).name,
                "title": info.title,
                "author": info.metadata.author,
                "date": info.metadata.date,
                "passages": info.passages,
            }
            for info in library.documents()
        ],
    }
