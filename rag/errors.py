"""What can go wrong in `rag/`. Each message holds the value and the remedy.

RagError
├── SettingsError       a setting or a settings file that cannot be used
├── QuestionError       a question that cannot be asked (empty, too long)
└── ModelError          a chat model that is unknown, missing, down, slow, or answers nonsense
    ├── ContextError    (`rag.models`) a prompt that is longer than the model reads
    └── ReplyError      (`rag.models`) a reply that is empty, declined or broken off

Reading and storing have their own tree in `index.errors`, prompts theirs in `prompts`.
"""

from __future__ import annotations


class RagError(Exception):
    """A problem that the user can do something about; the text says what."""

    exit_code = 1


class SettingsError(RagError):
    """A setting that cannot be used."""

    exit_code = 2


class QuestionError(RagError):
    """A question that cannot be asked."""

    exit_code = 2


class ModelError(RagError):
    """A chat model that cannot be used."""
