"""Who answers, and from which documents: one desk for the whole server, for the pages and for the REST API.

Opens further collections and models when they are asked for, and keeps them. Imports no gradio.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import Any

from index.collections import LIBRARY, CollectionRemoval, check_idle, names, remove
from index.library import Library
from index.workers import Limits
from rag.assistant import Assistant
from rag.conversations import Forgotten
from rag.errors import SettingsError
from rag.models import ChatModel, model_options, open_model
from rag.reader import EvidenceModel, open_reader
from rag.settings import Settings, with_values
from ui.ask.talks import Talks


class Desk:
    """The settings of a server, and the libraries and assistants that it has open. Safe to share between threads.

    `local` says that the server listens on this machine only, so that whoever asks may change its settings; `config`
    is the settings file that it was started with, if one was named.
    """

    def __init__(
        self,
        assistant: Assistant,
        library: Library,
        settings: Settings,
        *,
        local: bool = True,
        config: Path | None = None,
    ) -> None:
        self.local = local
        self.config = config
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
        return sorted({*names(self._settings.library.parent), self._settings.collection})

    def library(self, collection: str | None = None, *, create: bool = False) -> Library:
        """Return the library of a collection; the one of the settings if none is named.

        Raises:
            SettingsError: when the name cannot be one.
            StoreError: when there is none, unless it may be created.
        """
        with self._lock:
            name = collection or self._settings.collection
            self._forget_removed(name)
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
            self._forget_removed(settings.collection)
            key = settings.collection, settings.model
            if key not in self._assistants:
                library = self.library(settings.collection)
                self._assistants[key] = Assistant(library, settings, self._model(settings), self._reader(settings))
            return self._assistants[key]

    def remove(self, collection: str) -> tuple[CollectionRemoval, Forgotten]:
        """Remove a collection, every byte of it, and the conversations with it; say what there was and what is left.

        Raises:
            BusyError: when it is being written to.
            ConversationError: when the conversations cannot be deleted.
            NotFoundError: when there is no such collection.
            SettingsError: when the name cannot be one, or is that of the collection that the server was started with.
            StoreError: when the file system does not let it go.
        """
        if collection == self._settings.collection:
            raise SettingsError(
                f"the server was started with the collection {collection!r}, which stays as long as it runs: stop it "
                f"and run 'rag collections remove {collection}', or start it with another --collection"
            )
        folder, talks = with_values(self._settings, {"collection": collection}).library, self.talks
        check_idle(folder)
        self._close(collection)  # where files that are open cannot be moved, it could not go
        removal = remove(folder)
        return removal, talks.forget(collection)

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

    def _forget_removed(self, collection: str) -> None:
        """Close a collection that another process has removed."""
        library = self._libraries.get(collection)
        if library and collection != self._settings.collection and not (library.folder / LIBRARY).exists():
            self._close(collection)

    def _close(self, collection: str) -> None:
        """Close a collection; it is opened again when it is asked for."""
        with self._lock:
            for key in [key for key in self._assistants if key[0] == collection]:
                del self._assistants[key]
            if library := self._libraries.pop(collection, None):
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
