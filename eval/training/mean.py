"""The mean of two trained networks of one descent: `python -m eval.training.mean ONE_PT OTHER_PT OUT_PT --share 0.4`.

What was trained on for longer knows its sets better, what it began from other texts; their mean knows both. The head
for claims is not one to take a mean of: it comes from the first, and is trained on for the mean by
`python -m eval.train_evidence … --start OUT_PT --only-claims`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import torch
import typer

from eval.training.network import load


def main(
    one: Annotated[Path, typer.Argument(help="The file that training wrote.")],
    other: Annotated[Path, typer.Argument(help="The file of weights that it began from, or of others like them.")],
    out: Annotated[Path, typer.Argument(help="The file to write.")],
    share: Annotated[float, typer.Option(help="What the other counts for.", min=0, max=1)] = 0.4,
) -> None:
    """Write the mean of two networks."""
    first, second = load(one).state_dict(), load(other).state_dict()
    for name, values in first.items():
        if values.is_floating_point() and not name.startswith("claim_head"):
            first[name] = (1 - share) * values + share * second[name]
    torch.save(first, out)


if __name__ == "__main__":
    typer.run(main)
