"""Imports go one way: `index`, `prompts` to `rag` to `eval` to `ui`; only the composition root reaches up."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "index": {"index"},
    "prompts": {"prompts"},
    "rag": {"index", "prompts", "rag"},
    "ui": {"index", "prompts", "rag", "eval", "ui"},
    "eval": {"index", "prompts", "rag", "eval"},
}
COMPOSITION_ROOT = ("rag/cli.py", "rag/cli_eval.py", "rag/cli_eval_new.py")
HEAVY = {
    "torch",
    "transformers",
    "sentence_transformers",
    "gradio",
    "openvino",
    "openai",
    "xllamacpp",
    "kreuzberg",
}
FILES = [path for folder in MAY_IMPORT for path in sorted((ROOT / folder).rglob("*.py")) if "sets" not in path.parts]


def _imports(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    inside = path.relative_to(ROOT).parts[0]
    allowed = set(MAY_IMPORT) if path.relative_to(ROOT).as_posix() in COMPOSITION_ROOT else MAY_IMPORT[inside]
    used = _imports(ast.parse(path.read_text(encoding="utf-8"))) & set(MAY_IMPORT)
    assert used <= allowed


QUICK = [p for p in FILES if p.relative_to(ROOT).parts[0] in {"index", "prompts", "rag"}]


@pytest.mark.parametrize("path", QUICK, ids=lambda p: str(p.relative_to(ROOT)))
def test_heavy_imports_are_made_where_they_are_needed(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = ast.Module([n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)], [])
    assert not _imports(top) & HEAVY
