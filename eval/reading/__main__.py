"""`make bench-reading`: every measure of reading, one after the other: `python -m eval.reading [DATA]`.

DATA holds the public test sets, each in a folder of its own; what is not there is left out, and said. The generated
mess needs none.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

MEASURES = (
    ("mess", None, "Sentences that come back from generated mess"),
    ("html", "html", "Web pages against the gold text of their articles"),
    ("messy", "messy", "Messy files: read, or refused with the reason"),
    ("filings", "financebench", "Filings: the gold page holds the evidence"),
    ("speed", "financebench", "Speed, on one core"),
    ("furniture", "../seeds", "Furniture before and after cleaning"),
)


def main() -> int:
    """Run every measure in a process of its own; the exit code is 1 when one of them failed."""
    data = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
    failed = False
    for name, folder, what in MEASURES:
        sys.stdout.write(f"\n== {what} ({name})\n")
        sys.stdout.flush()
        if folder and not (data / folder).is_dir():
            sys.stdout.write(f"{data / folder} is not there: left out\n")
            continue
        arguments = [str(data / folder)] if folder else []
        failed |= subprocess.call([sys.executable, "-m", f"eval.reading.{name}", *arguments]) != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
