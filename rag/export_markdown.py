"""A conversation as Markdown, the quotes as footnotes."""

from __future__ import annotations

from rag.export import Note, Said, Sheet
from rag.markdown import plain


def to_markdown(sheet: Sheet) -> str:
    """Return a sheet as Markdown, in which nothing of documents and models is markup."""
    lines = [f"# {plain(sheet.title)}", ""]
    for part in sheet.parts:
        lines += [f"## {plain(part.question)}", "", *([f"*{plain(part.about)}*", ""] if part.about else [])]
        if part.sentences:
            lines += [" ".join(map(_said, part.sentences)), ""]
        if part.told:
            lines += [plain(part.told), ""]
        if part.nearest:
            lines += [f"{plain(sheet.labels.nearest)}:", "", *(f"- {_quoted(near)}" for near in part.nearest), ""]
    lines += [f"[^{note.number}]: {_quoted(note)}" for note in sheet.notes]
    return "\n".join(lines).rstrip() + "\n"


def _said(said: Said) -> str:
    doubt = f" *({plain(said.doubt)})*" if said.doubt else ""
    lead = f"{plain(said.lead)} " if said.lead else ""
    return f"{lead}{plain(said.text)}{''.join(f'[^{number}]' for number in said.notes)}{doubt}"


def _quoted(note: Note) -> str:
    return f"“{plain(note.quote)}” {plain(note.source)}"
