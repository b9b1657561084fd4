"""Everything that a first question would wait for is loaded while the server starts, in a thread of its own."""

from __future__ import annotations

from threading import Thread
from time import perf_counter

from index.errors import LibraryError
from prompts import PromptError
from rag.errors import RagError
from rag.reader import PassageToRead
from ui.desk import Desk


class Readiness:
    """How far the loading has come. `doing` is what is loaded now; `problem` says in words why it cannot be."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._begun = perf_counter()
        self.doing = "the library"
        self.problem = ""
        self.seconds = 0.0
        """Seconds from the start until everything was loaded; 0 until then."""

    @property
    def ready(self) -> bool:
        """Whether everything is loaded."""
        return self.seconds > 0

    def begin(self) -> None:
        """Begin to load."""
        # No daemon: a process that ends in the midst of the engine's work may end in a crash.
        Thread(target=self._try, name="readiness").start()

    def _try(self) -> None:
        try:
            self._load()
        except (LibraryError, PromptError, RagError, OSError) as error:
            self.problem = str(error)

    def _load(self) -> None:
        assistant = self._desk.assistant()
        assistant.library.catch_up()
        self.doing = "the embedding model"
        assistant.library.embedder.encode_query("ready")
        self.doing = "the evidence model"
        if assistant.reader:
            assistant.reader.read("Is it ready?", [PassageToRead("It is.", [(0, 6)])])
        self.seconds = round(perf_counter() - self._begun, 3)
