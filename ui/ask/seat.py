"""One page while it is open, and what its parts are given. Imports gradio."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

Shown = tuple[Any, ...]
"""Values for the parts of a chat: conversation, ask, stop, question, its id, the list, what is said above it."""

NOTHING: Shown = (gr.skip(),) * 7
"""Changes none of the parts."""


@dataclass
class Seat:
    """What a page does now ends what it did before.

    `editing` is the number of the question that it changes, `search` what it looks for among the conversations.
    """

    number: int = 0
    editing: int | None = None
    search: str = ""

    def take(self) -> int:
        """Begin something; what was begun before shows no more."""
        self.number += 1
        return self.number
