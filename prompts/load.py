"""Read prompt files and check them before a model sees one.

A file opens with `key: value` lines between two `---`: `kind`, `variables` and, for an answer prompt that may
refuse, `refusal`, the exact sentence to refuse with. Then come `## system` (optional) and `## user`, with
`$name` for a variable and `$$` for a dollar sign. What is declared and what is used must be the same.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Literal, cast, get_args

Kind = Literal["answer", "rewrite", "judge", "propose"]
Role = Literal["system", "user", "assistant"]

OURS = Path(__file__).parent
KINDS: tuple[Kind, ...] = get_args(Kind)
KEYS = ("kind", "variables", "refusal")
REFUSAL = "refusal"
"""The one variable that a file fills itself, from its own front matter."""

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*\n", re.DOTALL | re.MULTILINE)
_SECTION = re.compile(r"^##[ \t]+(\S.*?)[ \t]*$", re.MULTILINE)


class PromptError(Exception):
    """A prompt that cannot be used; the text names the file, what is wrong and what to do."""

    exit_code = 2


@dataclass(frozen=True)
class Message:
    """One message to a chat model."""

    role: Role
    content: str


@dataclass(frozen=True)
class Prompt:
    """A checked prompt: a template for each message, and the variables it needs."""

    name: str
    path: Path
    kind: Kind
    variables: tuple[str, ...]
    refusal: str | None
    sections: tuple[tuple[Role, str], ...]

    def render(self, **values: str) -> tuple[Message, ...]:
        """Return the messages, each variable replaced by its value; a `$` inside a value stays as it is.

        Raises `PromptError` unless exactly the declared variables are given.
        """
        missing = [name for name in self.variables if name not in values]
        extra = [name for name in values if name not in self.variables]
        if missing or extra:
            wrong = [f"no value for {_dollars(missing)}"] if missing else []
            wrong += [f"does not declare {_dollars(extra)}"] if extra else []
            raise PromptError(f"{self.path}: {' and '.join(wrong)}. Give it exactly {_dollars(self.variables)}.")
        filled = values if self.refusal is None else {**values, REFUSAL: self.refusal}
        return tuple(Message(role, Template(body).substitute(filled)) for role, body in self.sections)


def names() -> tuple[str, ...]:
    """Return the names of all prompts, sorted."""
    return tuple(sorted(path.stem for path in OURS.glob("*.md")))


def load(name: str, folder: Path | None = None) -> Prompt:
    """Return the checked prompt of that name, from the user's `folder` if it holds one, else ours.

    A file in `folder` replaces ours of the same name and must fit where ours is used: same kind, same
    variables, a refusal if ours has one. Each `.md` file there must bear a known name.
    """
    if name not in names():
        raise PromptError(f"There is no prompt {name!r}.{_meant(name)}")
    ours = _read(OURS / f"{name}.md")
    if folder is None:
        return ours
    if not folder.is_dir():
        raise PromptError(f"There is no folder of prompts {str(folder)!r}. Create it, or unset 'prompts'.")
    for path in sorted(folder.glob("*.md")):
        if path.stem not in names():
            raise PromptError(f"{path}: no prompt has this name.{_meant(path.stem)}")
    path = folder / f"{name}.md"
    return _fitting(_read(path), ours) if path.is_file() else ours


def _read(path: Path) -> Prompt:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"{path}: cannot be read ({error}). Save it as UTF-8, or remove it.") from error
    head = _FRONT.match(text)
    if head is None:
        raise PromptError(f"{path}: its head is missing. Begin with '---', 'kind: …', 'variables: …', '---'.")
    front = _front_matter(path, head.group(1))
    variables = tuple(name for name in re.split(r"[,\s]+", front["variables"]) if name)
    prompt = Prompt(
        name=path.stem,
        path=path,
        kind=cast(Kind, front["kind"]),
        variables=variables,
        refusal=front.get("refusal"),
        sections=_sections(path, text[head.end() :]),
    )
    _check_variables(prompt)
    return prompt


def _front_matter(path: Path, text: str) -> dict[str, str]:
    front: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        key, colon, value = (part.strip() for part in line.partition(":"))
        if not colon or key not in KEYS or key in front or not value:
            raise PromptError(
                f"{path}: {line!r} cannot stand in its head. Only {', '.join(KEYS)} can, as 'key: value'."
            )
        front[key] = value
    for key in ("kind", "variables"):
        if key not in front:
            raise PromptError(f"{path}: its head has no '{key}:'. Add the line; ours shows how.")
    if front["kind"] not in KINDS:
        raise PromptError(f"{path}: kind {front['kind']!r} is unknown. Use {', '.join(KINDS[:-1])} or {KINDS[-1]}.")
    return front


def _sections(path: Path, body: str) -> tuple[tuple[Role, str], ...]:
    before, *rest = _SECTION.split(body)
    headings, texts = rest[0::2], [text.strip() for text in rest[1::2]]
    if headings not in (["user"], ["system", "user"]) or before.strip() or not all(texts):
        found = ", ".join(f"'## {heading}'" for heading in headings) or "none"
        raise PromptError(
            f"{path}: its sections are {found}. Write '## system' (or leave it out), then '## user',"
            " each with text, and nothing before them."
        )
    return tuple(zip(cast(list[Role], headings), texts, strict=True))


def _check_variables(prompt: Prompt) -> None:
    used: set[str] = set()
    for _, body in prompt.sections:
        template = Template(body)
        if not template.is_valid():
            bad = next(m for m in template.pattern.finditer(body) if m.group("invalid") is not None)
            line = body[bad.start() :].splitlines()[0]
            raise PromptError(f"{prompt.path}: {line[:40]!r} is no variable. Write '$$' for a dollar sign.")
        used.update(template.get_identifiers())
    declared = set(prompt.variables)
    if len(declared) < len(prompt.variables) or REFUSAL in declared:
        raise PromptError(
            f"{prompt.path}: 'variables: {', '.join(prompt.variables)}'. Name each once, and leave out"
            f" {REFUSAL!r}: it has a line of its own, '{REFUSAL}: …'."
        )
    if prompt.refusal is not None:
        declared.add(REFUSAL)
    if unused := sorted(declared - used):
        raise PromptError(f"{prompt.path}: declares {_dollars(unused)} but never uses it. Use it or remove it.")
    if undeclared := sorted(used - declared):
        known = f"'{REFUSAL}: …'" if undeclared == [REFUSAL] else "'variables:'"
        raise PromptError(f"{prompt.path}: uses {_dollars(undeclared)} undeclared. Add it to {known} in its head.")


def _fitting(theirs: Prompt, ours: Prompt) -> Prompt:
    if theirs.kind != ours.kind:
        raise PromptError(f"{theirs.path}: is of kind {theirs.kind!r}. Make it {ours.kind!r}, like ours.")
    if set(theirs.variables) != set(ours.variables):
        raise PromptError(
            f"{theirs.path}: declares {_dollars(theirs.variables)}, but is given {_dollars(ours.variables)}."
            " Declare and use exactly the latter."
        )
    if (theirs.refusal is None) != (ours.refusal is None):
        what = "needs a line" if theirs.refusal is None else "cannot have a line"
        raise PromptError(f"{theirs.path}: {what} '{REFUSAL}: …' in its head, as ours shows.")
    return theirs


def _dollars(variables: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"${name}" for name in variables)


def _meant(name: str) -> str:
    close = difflib.get_close_matches(name, names(), n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"{hint} The names are {', '.join(names())}."
