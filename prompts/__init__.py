"""What a model is told: Markdown files with declared `$variables`. Knows no model and nothing of `rag`."""

from prompts.fence import Quoted, fence_for, fenced
from prompts.load import Message, Prompt, PromptError, load, names

__all__ = ["Message", "Prompt", "PromptError", "Quoted", "fence_for", "fenced", "load", "names"]
