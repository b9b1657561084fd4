"""A conversation as one page of HTML that needs nothing else, to be read or printed; the quotes are footnotes."""

from __future__ import annotations

import html
import re

from rag.export import Note, Said, Sheet

_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")

_STYLE = """
:root { color-scheme: light dark; --quiet: #5b6472; --line: #d4d8de; --link: #1d4ed8; }
@media (prefers-color-scheme: dark) { :root { --quiet: #a3acba; --line: #3a414c; --link: #93b4ff; } }
body { font: 16px/1.6 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem;
  overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .3rem; break-after: avoid; }
a { color: var(--link); text-decoration: none; } sup { line-height: 0; }
.about, .lead, .doubt, .source { color: var(--quiet); } .about, .source { font-size: .875rem; }
.about { margin: 0 0 .5rem; } .told { border-inline-start: 3px solid var(--line); padding-inline-start: .8rem; }
.doubt { font-size: .875rem; } .notes { border-top: 1px solid var(--line); margin-top: 2.5rem; padding-top: .8rem;
  font-size: .9rem; } .notes li { margin: .3rem 0; break-inside: avoid; }
@media print { body { margin: 0; max-width: none; font-size: 11pt; } a { color: inherit; } }
"""


def to_html(sheet: Sheet) -> str:
    """Return a sheet as a page. It holds no script, and its policy lets a browser load nothing."""
    title = _text(sheet.title)
    return (
        f'<!doctype html>\n<html lang="{_text(sheet.labels.language)}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f'<meta name="viewport" content="width=device-width">\n<title>{title}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<h1>{title}</h1>\n{fragment(sheet)}\n</body>\n</html>\n"
    )


def fragment(sheet: Sheet) -> str:
    """Return the questions, answers and notes of a sheet, to be put into another document."""
    parts: list[str] = []
    for part in sheet.parts:
        parts.append(f'<h2 dir="auto">{_text(part.question)}</h2>')
        parts += [f'<p class="about">{_text(part.about)}</p>'] if part.about else []
        parts += [f'<p dir="auto">{" ".join(map(_said, part.sentences))}</p>'] if part.sentences else []
        parts += [f'<p class="told" dir="auto">{_text(part.told)}</p>'] if part.told else []
        if part.nearest:
            items = "".join(f"<li>{_quoted(near)}</li>" for near in part.nearest)
            parts.append(f"<p>{_text(sheet.labels.nearest)}</p><ul>{items}</ul>")
    if sheet.notes:
        items = "".join(f'<li id="note-{n.number}">{_quoted(n)}</li>' for n in sheet.notes)
        parts.append(f'<ol class="notes">{items}</ol>')
    return "\n".join(parts)


def _said(said: Said) -> str:
    lead = f'<span class="lead">{_text(said.lead)}</span> ' if said.lead else ""
    notes = " ".join(f'<a href="#note-{number}">{number}</a>' for number in said.notes)
    doubt = f' <span class="doubt">({_text(said.doubt)})</span>' if said.doubt else ""
    return f"{lead}{_text(said.text)}{f'<sup>{notes}</sup>' if notes else ''}{doubt}"


def _quoted(note: Note) -> str:
    return f'<q dir="auto">{_text(note.quote)}</q> <span class="source">{_text(note.source)}</span>'


def _text(value: str) -> str:
    return html.escape(_UNSHOWABLE.sub("\ufffd", value), quote=True)
