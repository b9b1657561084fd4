"""The passage reader: one pass over question and passage scores every sentence of it.

Each token gets two numbers: how much it is to be looked at, and how well it answers. A sentence's score is the
mean of the second weighted by the softmax of the first, over its tokens; so the exported graph gives numbers by token
and knows nothing of sentences. The first token gives the passage's score; where a claim stands in the question's place,
how far the passage supports it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertConfig, BertModel

from eval.training.batches import Batch

LOW = -1e4
FIRST, NONE, LIKENESS = [8.0, 6.0], 8.0, 0.2
"""Where training begins: weights of cosine and coverage, what a sentence must reach, and the scale of likeness."""
HEADS = 12
"""Attention heads of the models that are trained on: weights do not show how many there are."""
PLAIN: dict[str, Any] = {
    "add_pooling_layer": False,
    "attn_implementation": "eager",
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
}
"""On a CPU the backward pass of fused attention takes as long as all else, and drawing random numbers for dropout
nearly so; what is left out leaves time for more examples, of which none comes twice the same."""


class Network(nn.Module):
    """A BERT encoder with a head for tokens, one for the passage, and one for claims.

    Made by `begin` from the weights of a language model, or by `load` from what training wrote.
    """

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder
        width = encoder.config.hidden_size
        self.token_head = nn.Linear(width, 2)
        self.likeness = nn.Linear(width, width, bias=False)
        self.first = nn.Parameter(torch.tensor(FIRST))
        self.none = nn.Parameter(torch.tensor(NONE))
        self.passage_head = nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1))
        self.claim_head = nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1))
        # A few thousand questions cannot teach better word vectors, only spoil those of words they lack.
        self.encoder.embeddings.word_embeddings.weight.requires_grad_(False)

    def forward(self, ids: Tensor, mask: Tensor, types: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return (batch, tokens, 2), and twice (batch,): of the passage, and of a claim in the question's place."""
        states = self.encoder(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state.float()
        question = (mask * (1 - types % 2)).float().unsqueeze(-1)
        asked = functional.normalize((states * question).sum(1), dim=-1)
        likeness = (states * self.likeness(asked).unsqueeze(1)).sum(-1)
        heads = self.token_head(states)
        tokens = torch.stack([heads[..., 0], heads[..., 1] + likeness], -1)
        return tokens, self.passage_head(states[:, 0])[:, 0], self.claim_head(states[:, 0])[:, 0]


def begin(weights: str | Path) -> Network:
    """Return a network to be trained on from a folder of BERT's weights: an embedding model's or a cross-encoder's."""
    folder = Path(weights)
    network = Network(BertModel.from_pretrained(str(folder), **PLAIN))
    width = network.encoder.config.hidden_size
    # Types 2 and 3 mark the tokens that question and passage share; they begin as 0 and 1.
    types = network.encoder.embeddings.token_type_embeddings.weight.detach()
    network.encoder.embeddings.token_type_embeddings = nn.Embedding(4, width, _weight=types.repeat(2, 1))
    with torch.no_grad():
        network.token_head.weight.mul_(0.1)
        network.token_head.bias.zero_()
    saved = load_file(folder / "model.safetensors")
    if "classifier.weight" in saved:
        # A cross-encoder has learnt already what a passage's first token is to say, and not to put texts side by side.
        heads = {"0": "bert.pooler.dense", "2": "classifier"}
        network.passage_head.load_state_dict(
            {f"{to}.{kind}": saved[f"{at}.{kind}"] for to, at in heads.items() for kind in ("weight", "bias")}
        )
        network.claim_head.load_state_dict(network.passage_head.state_dict())
        nn.init.zeros_(network.likeness.weight)
    else:
        # An embedding model puts texts of like meaning side by side: each token's likeness to the question is a score
        # to begin with, long before the head has learnt one.
        with torch.no_grad():
            network.likeness.weight.copy_(torch.eye(width) * LIKENESS)
    return network


def load(path: Path) -> Network:
    """Return the network that training wrote."""
    return of_weights(torch.load(path, weights_only=True))


def of_weights(state: dict[str, Tensor]) -> Network:
    """Return the network of weights by their names; how large it is shows in them."""
    words = state["encoder.embeddings.word_embeddings.weight"]
    config = BertConfig(
        vocab_size=words.shape[0],
        hidden_size=words.shape[1],
        num_hidden_layers=sum(key.endswith("attention.self.query.weight") for key in state),
        num_attention_heads=HEADS,
        intermediate_size=state["encoder.encoder.layer.0.intermediate.dense.weight"].shape[0],
        type_vocab_size=4,
        **{key: PLAIN[key] for key in PLAIN if key != "add_pooling_layer"},
    )
    network = Network(BertModel(config, add_pooling_layer=False))
    if "claim_head.0.weight" not in state:  # as it was before there were claims
        state |= {key.replace("passage", "claim", 1): value for key, value in state.items() if key[:7] == "passage"}
    network.load_state_dict(state)
    return network


def sentence_scores(network: Network, tokens: Tensor, batch: Batch) -> Tensor:
    """Return the score of each sentence, (batch, sentences), `LOW` where there is none."""
    number = torch.arange(batch.exists.shape[1])
    inside = batch.sentence[:, None, :] == number[None, :, None]
    weights = tokens[:, None, :, 0].masked_fill(~inside, LOW).softmax(-1)
    scores = (weights * tokens[:, None, :, 1]).sum(-1) + batch.first @ network.first - network.none
    return scores.masked_fill(~(batch.exists & inside.any(-1)), LOW)


def loss(network: Network, found: tuple[Tensor, Tensor, Tensor], batch: Batch) -> Tensor:
    """Return the loss: which sentence, or none; is there an answer; where does it stand. Of claims: are they supported.

    "None" has the score 0 among the sentences, and the first token stands for it among the tokens.
    """
    tokens, passage, claim = found
    answered = batch.holds.any(1)
    if batch.claims:
        return functional.binary_cross_entropy_with_logits(claim, answered.float())
    scores = sentence_scores(network, tokens, batch)
    choices = torch.cat([torch.zeros(len(scores), 1), scores], 1)
    right = torch.cat([~answered[:, None], batch.holds], 1)
    chosen = choices.logsumexp(1) - choices.masked_fill(~right, LOW).logsumexp(1)
    there = functional.binary_cross_entropy_with_logits(passage, answered.float())
    words = tokens[..., 0].masked_fill((batch.sentence < 0), LOW)
    words = torch.cat([tokens[:, :1, 0], words[:, 1:]], 1)
    meant = torch.cat([~answered[:, None], batch.answer[:, 1:]], 1)
    usable = meant.any(1)
    pointed = (words.logsumexp(1) - words.masked_fill(~meant, LOW).logsumexp(1))[usable]
    # A batch may have no row whose answer shows: the mean of none is no number, and would spoil the weights.
    return chosen.mean() + 0.5 * there + 0.5 * pointed.sum() / max(len(pointed), 1)
