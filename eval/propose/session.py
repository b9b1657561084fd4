"""What becomes of proposals: a set grows by what a person accepts, and nothing is asked twice.

The set is a file of JSON Lines, to which a line is added for each question accepted. Beside it a hidden file keeps
every decision, by which a session that was broken off is gone on with.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Literal

from eval.formats import Item, SetError, line_of, load_set
from eval.formats.lines import item_of
from eval.propose.proposals import Proposal, key_of

Decision = Literal["accepted", "edited", "rejected", "undone"]


class Session:
    """A set that is being made."""

    def __init__(self, path: Path) -> None:
        """Go on with the set at `path`, or begin it.

        Raises:
            SetError: when the file is there and holds no set of ours.
        """
        if path.suffix.lower() != ".jsonl":
            raise SetError(f"{path}: cannot be added to; name a file of JSON Lines (.jsonl)")
        self.path = path
        self._log = path.with_name(f".{path.stem}.decisions.jsonl")
        there = path.exists() and path.read_bytes().strip()
        self.items: list[Item] = list(load_set(path).items) if there else []
        self._decided: dict[str, Decision] = _decisions(self._log)

    @property
    def known(self) -> frozenset[str]:
        """Keys of the questions that need not be proposed: decided on, or in the set."""
        decided = {key for key, decision in self._decided.items() if decision != "undone"}
        return frozenset(decided) | {key_of(item.question) for item in self.items}

    @property
    def quotes(self) -> frozenset[str]:
        """The evidence that the set has."""
        return frozenset(e.quote for item in self.items for e in item.evidence)

    def count(self, decision: Decision) -> int:
        """Return how many proposals were decided so, in all sessions of this set."""
        return sum(found == decision for found in self._decided.values())

    def accept(self, proposal: Proposal, **changes: object) -> Item:
        """Add a proposal to the set, with the fields that the person changed, and return it as it was added.

        Raises:
            SetError: when what was changed makes no question of a set; nothing is added then.
        """
        item = self._checked(proposal.item, changes)
        _append(self.path, line_of(item))
        self.items.append(item)
        self._decide(proposal, "edited" if changes else "accepted", item.id)
        return item

    def reject(self, proposal: Proposal) -> None:
        """Note that a proposal is not wanted."""
        self._decide(proposal, "rejected")

    def undo(self, proposal: Proposal, item: Item | None = None) -> bool:
        """Take back the decision on a proposal: the question that was accepted leaves the set. Say whether it could be.

        It cannot where the question was changed since, or is gone.
        """
        if item is not None:
            line = line_of(item)
            lines = self.path.read_text(encoding="utf-8").split("\n") if self.path.exists() else []
            if line not in lines:
                return False
            lines.remove(line)
            _replace(self.path, "\n".join(lines))
            self.items = [other for other in self.items if other.id != item.id]
        self._decide(proposal, "undone")
        return True

    def _checked(self, item: Item, changes: dict[str, object]) -> Item:
        fields = json.loads(line_of(replace(item, id=self._next_id()))) | changes
        if "answer" in changes and "must_include" not in changes:
            fields["must_include"] = [[changes["answer"]]] if changes["answer"] else []
        checked = item_of(fields, self.path, "the changed question")
        if key_of(checked.question) in {key_of(other.question) for other in self.items}:
            raise SetError(f"{self.path}: the question {checked.question!r} is in the set already")
        return checked

    def _next_id(self) -> str:
        used = [int(found[1]) for item in self.items if (found := re.fullmatch(r"q0*(\d{1,9})", item.id))]
        return f"q{max(used, default=0) + 1:03d}"

    def _decide(self, proposal: Proposal, decision: Decision, id_: str = "") -> None:
        entry = {"key": proposal.key, "decision": decision, "question": proposal.item.question}
        _append(self._log, json.dumps(entry | ({"id": id_} if id_ else {}), ensure_ascii=False))
        self._decided[proposal.key] = decision


def _append(path: Path, line: str) -> None:
    """Add a line to a file, on the disk when this returns; a last line that was cut off is ended first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            line = line if file.read(1) == b"\n" else f"\n{line}"
        file.write(f"{line}\n".encode())
        file.flush()
        os.fsync(file.fileno())


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _decisions(path: Path) -> dict[str, Decision]:
    """Return the decisions of earlier sessions; a line that was cut off is decided again."""
    found: dict[str, Decision] = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):
            try:
                entry = json.loads(line)
                found[entry["key"]] = entry["decision"]
            except (json.JSONDecodeError, KeyError, TypeError):
                continue
    return found
