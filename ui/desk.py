"""Who answers, and from which documents: one desk for the whole server, for the pages and for the REST API.

Opens further collections and models when they are asked for, and keeps them. Imports no gradio.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from threading import RLock
from typing import Any

from index.library import Library
from index.workers import Limits
from rag.assistant import Assistant
from rag.models import ChatModel, model_options, open_model
from rag.reader import EvidenceModel, open_reader
from rag.settings import Settings, with_values
from ui.ask.talks import Talks


class Desk:
    """The settings of a server, and the libraries and assistants that it has open. Safe to share between threads.

    `local` says that the server listens on this machine only, so that whoever asks may change its settings.
    """

    def __init__(self, assistant: Assistant, library: Library, settings: Settings, *, local: bool = True) -> None:
        self.local = local
        self._settings = settings
        self._libraries = {settings.collection: library}
        self._assistants = {(settings.collection, settings.model): assistant}
        self._models: dict[str, ChatModel | None] = {settings.model: assistant.model}
        self._readers: dict[str, EvidenceModel | None] = {settings.evidence_model: assistant.reader}
        self._lock = RLock()

    @property
    def settings(self) -> Settings:
        """The settings by which questions are answered now."""
        return self._settings

    def change(self, values: Mapping[str, Any]) -> Settings:
        """Answer by other settings from now on; questions that are being answered keep theirs.

        Raises:
            ModelError: when the model cannot be used here.
            SettingsError: when a value cannot be used. In either case nothing is changed.
        """
        settings = with_values(self._settings, values)
        model = self.model(settings)  # may take its time: meanwhile others are answered
        with self._lock:
            if model_options(settings) != model_options(self._settings):
                self._models.clear()  # opened with what has changed; freed once nothing answers with them
            self._models[settings.model] = model
            self._settings = settings
            self._assistants.clear()
            return settings

    def model(self, settings: Settings) -> ChatModel | None:
        """Return the model of some settings: the one that is open, if it is the same, or one that is opened for this.

        Raises:
            ModelError: when it cannot be used here.
        """
        with self._lock:
            same = model_options(settings) == model_options(self._settings)
            if same and settings.model in self._models:
                return self._models[settings.model]
        return open_model(settings.model, model_options(settings))

    def collections(self) -> list[str]:
        """Return the names of the collections that are there, the one of the settings among them."""
        folder = self._settings.library.parent
        there = {path.parent.name for path in folder.glob("*/library.db")} if folder.is_dir() else set()
        return sorted(there | self._libraries.keys())

    def library(self, collection: str | None = None, *, create: bool = False) -> Library:
        """Return the library of a collection; the one of the settings if none is named.

        Raises:
            SettingsError: when the name cannot be one.
            StoreError: when there is none, unless it may be created.
        """
        with self._lock:
            name = collection or self._settings.collection
            if name not in self._libraries:
                s = with_values(self._settings, {"collection": name})
                limits = Limits(s.read_seconds, s.read_memory_mb, s.max_file_mb << 20)
                make = Library if create else Library.existing
                self._libraries[name] = make(s.library, self._embedder(), limits=limits)
            return self._libraries[name]

    def assistant(self, collection: str | None = None, model: str | None = None) -> Assistant:
        """Return who answers from a collection with a model; those of the settings if none are named.

        Raises:
            ModelError: when the model cannot be used here.
            SettingsError: when a name cannot be one.
            StoreError: when there is no such collection.
        """
        with self._lock:
            given = {"collection": collection, "model": model}
            settings = with_values(self._settings, {k: v for k, v in given.items() if v})
            key = settings.collection, settings.model
            if key not in self._assistants:
                library = self.library(settings.collection)
                self._assistants[key] = Assistant(library, settings, self._model(settings), self._reader(settings))
            return self._assistants[key]

    @cached_property
    def talks(self) -> Talks:
        """The conversations of the users of the page."""
        return Talks(self)

    def close(self) -> None:
        """End what is being answered; close the libraries that were opened here, but the first, the caller's."""
        if "talks" in self.__dict__:
            self.talks.close()
        with self._lock:
            for library in list(self._libraries.values())[1:]:
                library.close()

    def _model(self, settings: Settings) -> ChatModel | None:
        if settings.model not in self._models:
            self._models[settings.model] = self.model(settings)
        return self._models[settings.model]

    def _reader(self, settings: Settings) -> EvidenceModel | None:
        name = settings.evidence_model
        if name not in self._readers:
            self._readers[name] = open_reader(name, settings.cache / "evidence", offline=settings.offline)
        return self._readers[name]

    def _embedder(self) -> Any:
        return next(iter(self._libraries.values())).embedder
