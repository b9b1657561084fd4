"""Train the evidence model, measure it and export it: `python -m eval.train_evidence DATA_DIR OUT_DIR`.

DATA_DIR holds `training/` and `squad2/`. The cross-encoder ms-marco-MiniLM-L-12-v2, or what `--base` names, becomes a
reader of passages that says of every sentence how well it answers the question, and of a claim in the question's place
whether the passage supports it. Runs on a CPU; it stops by the clock, with a learning rate that ends at zero then.
"""

from __future__ import annotations

import gc
import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from tokenizers import Tokenizer

from eval.training.base import written
from eval.training.batches import Batch, Encoder, batches, collate, epoch
from eval.training.claims import Claims, spared_claims
from eval.training.data import Example, read_development, read_training
from eval.training.dossiers import read_dossiers
from eval.training.first_look import FirstLook
from eval.training.negatives import name_pool, nearest
from eval.training.network import Network, begin, load, loss, sentence_scores
from eval.training.synonyms import read_synonyms
from index.embed import DEFAULT, open_embedder

RATE = 1e-4
HEAD_RATE = 1e-3
WARMUP = 0.06
TOKENS = 2_560
"""Tokens of a batch, about 25 passages."""
QUESTIONS_PER_CLAIMS = 4
"""Batches of questions for each batch of claims."""
NEAR = 6
WORDNET = Path("/usr/share/wordnet")
"""Where Debian's package wordnet-base puts its files."""
SAVE_EVERY = 420.0


def main(
    data: Annotated[Path, typer.Argument(help="Folder with training/ and squad2/.")],
    out: Annotated[Path, typer.Argument(help="Folder for the weights and the log.")],
    minutes: Annotated[float, typer.Option(help="Time to train for.")] = 90.0,
    synonyms: Annotated[Path, typer.Option(help="Folder of the WordNet database.")] = WORDNET,
    seed: Annotated[int, typer.Option(help="Of every random choice.")] = 0,
    start: Annotated[Path | None, typer.Option(help="Weights of an earlier run to go on from.")] = None,
    base: Annotated[Path | None, typer.Option(help="Folder of BERT's weights to begin with.")] = None,
    rate: Annotated[float, typer.Option(help="Highest learning rate of the encoder.")] = RATE,
    only_claims: Annotated[bool, typer.Option(help="Train the head for claims, and nothing else.")] = False,
) -> None:
    """Train the evidence model."""
    torch.manual_seed(seed)
    chance = random.Random(seed)
    out.mkdir(parents=True, exist_ok=True)
    weights = base or written(out / "base")
    tokenizer = Tokenizer.from_file(f"{weights}/tokenizer.json")
    tokenizer.no_truncation()
    tokenizer.no_padding()
    embedder = open_embedder(DEFAULT, out / "embedder")
    examples = [*read_training(data), *read_dossiers(embedder, random.Random(seed))]
    development = read_development(data)
    encoder = Encoder(tokenizer, FirstLook([*examples, *development], embedder), read_synonyms(synonyms))
    _say("looking for the nearest passages of other texts")
    near = nearest(examples, NEAR)
    network = load(start) if start else begin(weights)
    _say(f"{len(examples)} questions, {sum(e.answered for e in examples)} of them answered")
    sample = random.Random(1).sample(development, min(400, len(development)))
    names = name_pool(examples)
    claims = Claims(data, examples, names)
    stream = _claims(claims, encoder, chance)
    if only_claims:
        network.requires_grad_(False)
        network.claim_head.requires_grad_(True)
    else:
        stream = _mixed(_stream(examples, near, names, encoder, chance), stream)
    _train(network, stream, (minutes, rate), sample, encoder, out)
    torch.save(network.state_dict(), out / "network.pt")
    tokenizer.save(str(out / "tokenizer.json"))
    found = measure(network, development, encoder) | measure_claims(network, encoder)
    _say(f"all of the development articles: {json.dumps(found)}")


def _stream(
    examples: Sequence[Example],
    near: Sequence[Sequence[int]],
    names: Sequence[str],
    encoder: Encoder,
    chance: random.Random,
) -> Iterator[Batch]:
    number = 0
    while True:
        drawn = epoch(examples, near, names, chance)
        _say(f"pass {number}: {len(drawn)} passages, {sum(e.answered for e in drawn)} of them answer")
        yield from batches(drawn, encoder, TOKENS, chance)
        number += 1


def _claims(claims: Claims, encoder: Encoder, chance: random.Random) -> Iterator[Batch]:
    number = 0
    while True:
        drawn = claims.drawn(chance)
        _say(f"pass {number}: {len(drawn)} claims, {sum(e.answered for e in drawn)} of them supported")
        yield from batches(drawn, encoder, TOKENS, chance)
        number += 1


def _mixed(questions: Iterator[Batch], claims: Iterator[Batch]) -> Iterator[Batch]:
    """Yield batches of claims between those of questions."""
    for number, batch in enumerate(questions):
        yield batch
        if number % QUESTIONS_PER_CLAIMS == 0:
            yield next(claims)


def _train(
    network: Network,
    stream: Iterator[Batch],
    schedule: tuple[float, float],
    sample: Sequence[Example],
    encoder: Encoder,
    out: Path,
) -> None:
    minutes, rate = schedule
    heads = [p for h in (network.token_head, network.passage_head, network.claim_head) for p in h.parameters()]
    heads = [p for p in [*heads, network.first, network.none] if p.requires_grad]
    body = [p for p in [*network.encoder.parameters(), *network.likeness.parameters()] if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": body, "top": rate}, {"params": heads, "top": max(HEAD_RATE * rate / RATE, rate)}],
        weight_decay=0.01,
        fused=True,
    )
    began = saved = said = time.monotonic()
    seen = 0
    losses: dict[bool, list[float]] = {False: [], True: []}
    # Millions of objects stay for good, and a search for what may be freed goes through all of them time and again.
    gc.freeze()
    network.train()
    for batch in stream:
        done = (time.monotonic() - began) / (minutes * 60)
        if done >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = group["top"] * min(done / WARMUP, (1 - done) / (1 - WARMUP), 1.0) + 1e-8
        with torch.autocast("cpu", torch.bfloat16):
            found = network(batch.ids, batch.mask, batch.types)
        value = loss(network, found, batch)
        optimizer.zero_grad(set_to_none=True)
        value.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([*body, *heads], 1.0)
        optimizer.step()
        seen += len(batch.ids)
        losses[batch.claims].append(float(value.detach()))
        if time.monotonic() - said > 30:
            said = time.monotonic()
            late = " and of claims ".join(f"{np.mean(values[-100:]):.3f}" for values in losses.values() if values)
            _say(f"{done:.2f} {seen} passages, {seen / (said - began):.1f}/s, loss {late}")
        if time.monotonic() - saved > SAVE_EVERY:
            torch.save(network.state_dict(), out / "checkpoint.pt")
            _say(f"checkpoint: {json.dumps(measure(network, sample, encoder) | measure_claims(network, encoder))}")
            network.train()
            saved = time.monotonic()


def measure(network: Network, examples: Sequence[Example], encoder: Encoder) -> dict[str, float]:
    """Return, for the paragraph given: how often the top sentence holds the answer, and AUROC of two scores."""
    network.eval()
    rows = [encoder.row(e) for e in examples]
    order = sorted(range(len(rows)), key=lambda i: len(rows[i].ids))
    best, whole, right = np.zeros(len(rows)), np.zeros(len(rows)), []
    for first in range(0, len(order), 32):
        chosen = order[first : first + 32]
        batch = collate([rows[i] for i in chosen])
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            tokens, passage, _ = network(batch.ids, batch.mask, batch.types)
            scores = sentence_scores(network, tokens, batch)
        best[chosen], whole[chosen] = scores.max(1).values.float().numpy(), passage.float().numpy()
        top = scores.argmax(1).tolist()
        right += [rows[i].holds[t] for i, t in zip(chosen, top, strict=True) if any(rows[i].holds)]
    answered = np.array([any(r.holds) for r in rows])
    return {
        "top_sentence": round(float(np.mean(right)), 4),
        "auroc_sentence": round(auroc(best, answered), 4),
        "auroc_passage": round(auroc(whole, answered), 4),
        "auroc_both": round(auroc(best + whole, answered), 4),
    }


def measure_claims(network: Network, encoder: Encoder) -> dict[str, float]:
    """Return AUROC of supported and other claims on the essays that are not trained on, and the share judged right."""
    network.eval()
    rows = [encoder.row(example) for example in spared_claims()]
    scores = []
    for first in range(0, len(rows), 32):
        batch = collate(rows[first : first + 32])
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            scores.append(network(batch.ids, batch.mask, batch.types)[2].float().numpy())
    found, supported = np.concatenate(scores), np.array([any(r.holds) for r in rows])
    right = float(((found > 0) == supported).mean())
    return {"claims_auroc": round(auroc(found, supported), 4), "claims_right": round(right, 4)}


def auroc(scores: np.ndarray, positive: np.ndarray) -> float:
    """Return the chance that a positive one scores above another, ties counting half (Mann-Whitney U)."""
    above, below = scores[positive], np.sort(scores[~positive])
    wins = np.searchsorted(below, above, "left") + np.searchsorted(below, above, "right")
    return float(wins.mean() / 2 / len(below))


def _say(text: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    typer.run(main)
