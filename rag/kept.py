"""What stays when a collection is removed and may quote it: question sets and runs are their maker's own work."""

from __future__ import annotations

import json
from pathlib import Path


def kept_about(home: Path, collection: str) -> tuple[Path, ...]:
    """Return the files under `home` that may quote a collection though it is removed: its question sets, and its runs.

    What is no run is passed over.
    """
    runs = (path for path in sorted((home / "runs").glob("**/*.jsonl")) if _asked_of(path) == collection)
    return (*sorted((home / "sets" / collection).glob("*.jsonl")), *runs)


def _asked_of(path: Path) -> str | None:
    """Return the collection that a run was asked of; it stands in the first line."""
    try:
        with path.open(encoding="utf-8") as lines:
            return str(json.loads(lines.readline())["settings"]["collection"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
