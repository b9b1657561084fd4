"""The passage reader: one pass over question and passage scores every sentence of it.

Each token gets two numbers: how much it is to be looked at, and how well it answers. A sentence's score is the
mean of the second weighted by the softmax of the first, over its tokens; so the exported graph gives numbers by token
and knows nothing of sentences. The first token gives the passage's score.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModel

from eval.training.batches import Batch

LOW = -1e4
FIRST, NONE, LIKENESS = [8.0, 6.0], 8.0, 0.2
"""Where training begins: weights of cosine and coverage, what a sentence must reach, and the scale of likeness."""


class Network(nn.Module):
    """A BERT encoder with a head for tokens and a head for the passage."""

    def __init__(self, weights: str) -> None:
        super().__init__()
        # On a CPU the backward pass of fused attention takes as long as all else, and drawing random numbers for
        # dropout nearly so; what is left out leaves time for more examples, of which none comes twice the same.
        self.encoder = AutoModel.from_pretrained(
            weights,
            add_pooling_layer=False,
            attn_implementation="eager",
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        width = self.encoder.config.hidden_size
        # Types 2 and 3 mark the tokens that question and passage share; they begin as 0 and 1.
        plain = self.encoder.embeddings.token_type_embeddings.weight.detach()
        self.encoder.embeddings.token_type_embeddings = nn.Embedding(4, width, _weight=plain.repeat(2, 1))
        self.token_head = nn.Linear(width, 2)
        # The encoder was made to put texts of like meaning side by side: each token's likeness to the question is a
        # score to begin with, long before the head has learnt one.
        self.likeness = nn.Linear(width, width, bias=False)
        self.first = nn.Parameter(torch.tensor(FIRST))
        self.none = nn.Parameter(torch.tensor(NONE))
        with torch.no_grad():
            self.token_head.weight.mul_(0.1)
            self.token_head.bias.zero_()
            self.likeness.weight.copy_(torch.eye(width) * LIKENESS)
        self.passage_head = nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1))
        # A few thousand questions cannot teach better word vectors, only spoil those of words they lack.
        self.encoder.embeddings.word_embeddings.weight.requires_grad_(False)

    def forward(self, ids: Tensor, mask: Tensor, types: Tensor) -> tuple[Tensor, Tensor]:
        """Return (batch, tokens, 2) and (batch,)."""
        states = self.encoder(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state.float()
        question = (mask * (1 - types % 2)).float().unsqueeze(-1)
        asked = functional.normalize((states * question).sum(1), dim=-1)
        likeness = (states * self.likeness(asked).unsqueeze(1)).sum(-1)
        heads = self.token_head(states)
        tokens = torch.stack([heads[..., 0], heads[..., 1] + likeness], -1)
        passage: Tensor = self.passage_head(states[:, 0])
        return tokens, passage[:, 0]


def sentence_scores(network: Network, tokens: Tensor, batch: Batch) -> Tensor:
    """Return the score of each sentence, (batch, sentences), `LOW` where there is none."""
    number = torch.arange(batch.exists.shape[1])
    inside = batch.sentence[:, None, :] == number[None, :, None]
    weights = tokens[:, None, :, 0].masked_fill(~inside, LOW).softmax(-1)
    scores = (weights * tokens[:, None, :, 1]).sum(-1) + batch.first @ network.first - network.none
    return scores.masked_fill(~(batch.exists & inside.any(-1)), LOW)


def loss(network: Network, tokens: Tensor, passage: Tensor, batch: Batch) -> Tensor:
    """Return the loss: which sentence, or none; is there an answer; at which words does it stand.

    "None" has the score 0 among the sentences, and the first token stands for it among the tokens.
    """
    scores = sentence_scores(network, tokens, batch)
    answered = batch.holds.any(1)
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
