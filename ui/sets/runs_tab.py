"""The part of the question sets' tab where a set is asked, and runs are looked at and compared. Imports gradio."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from eval.formats import SetError
from eval.past import past
from rag.halt import Halt, Halted
from ui.desk import Desk
from ui.events import DIRECT, KNOWN, STREAMED, chosen, html
from ui.markup import note
from ui.sets import run as set_run
from ui.sets import runs_view
from ui.sets import shelf as sets
from ui.words import ENGLISH, Words

AT_ONCE = 4
"""People who may have questions asked, or proposed, at the same time."""

QUIET: dict[str, Any] = STREAMED | {"show_progress": "hidden", "concurrency_limit": AT_ONCE}

Shown = tuple[Any, Any]
"""The run that goes on, and the list of those that were made."""


class RunsPart:
    """The runs of the sets of a collection."""

    def __init__(self, desk: Desk, words: Words = ENGLISH) -> None:
        self.desk = desk
        self.words = words
        self._halts: dict[str, Halt] = {}

    # Parts

    def build(self, listed: gr.HTML, collection: gr.Dropdown) -> gr.HTML:
        """Put the parts into the open column; `listed` are the sets, one of which is chosen to be asked."""
        result = html("", "sets-result")
        earlier = html("", "sets-earlier")
        for part in (listed, result):
            part.click(self.ask, [collection], [result, earlier], **QUIET)
        result.click(self.stop, None, [result], **DIRECT)
        return earlier

    # What happens

    def refresh(self, collection: str | None = None) -> str:
        """Show the runs as they are now."""
        s = self.desk.settings
        folder = set_run.folder(s)
        return runs_view.earlier(past(folder, collection or s.collection), folder, self.words)

    def ask(self, collection: str | None, event: gr.EventData) -> Iterator[Shown]:
        """Ask all questions of a set, and show how far it has come and then the figures."""
        data = chosen(event)
        if data.get("act") != "ask":
            yield gr.skip(), gr.skip()
            return
        s, words, asked, halt = self.desk.settings, self.words, None, Halt()
        try:
            path = sets.path_of(sets.folder(s, collection), data.get("set", ""), words)
            if not path.exists():
                raise SetError(words("sets.gone", path=path))
            assistant = self.desk.assistant(collection)
            for asked in set_run.ask(path, assistant, assistant.library, assistant.settings, halt):
                self._halts[asked.file.stem] = halt
                yield runs_view.going(asked, words), gr.skip()
        except Halted:
            yield runs_view.stopped(asked, path, "", words) if asked else "", self.refresh(collection)
        except (*KNOWN, OSError) as error:
            folder = set_run.folder(s)
            why = sets.unwritable(folder, error, words) if isinstance(error, OSError) else str(error)
            yield runs_view.stopped(asked, path, why, words) if asked else note(why), self.refresh(collection)
        else:
            yield runs_view.result(asked, words) if asked else "", self.refresh(collection)
        finally:
            if asked:
                self._halts.pop(asked.file.stem, None)

    def stop(self, event: gr.EventData) -> Any:
        """Stop a run; what was answered is kept."""
        data = chosen(event)
        if data.get("act") == "stop" and (halt := self._halts.get(data.get("run", ""))):
            halt.wish()
        return gr.skip()
