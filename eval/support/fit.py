"""Fit the likelihood that sources support a sentence: the coefficients of `rag.likelihood`.

A logistic regression in which each set counts the same whatever its size, supported and not supported pairs alike; the
sets of other kinds of text (`eval.support.pairs.LEARNED`) count for less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from eval.support.looking import Look
from eval.support.pairs import LEARNED
from rag.likelihood import features, logit

OWN = "Essays"
"""Our own claims, half of which say in nearly the essay's words what it does not say: words tell nothing there."""
WEIGHTS = dict.fromkeys(LEARNED, 0.3) | {OWN: 0.6}
"""What a set of another kind counts for, against 1 for a half of the public ones that are measured."""
STRENGTH = 10.0
"""Inverse of the regularisation of coefficients."""


def fit(looks: Mapping[str, Sequence[Look]]) -> tuple[float, tuple[float, ...]]:
    """Return intercept and coefficients, fitted on what was looked at, by set."""
    from sklearn.linear_model import LogisticRegression

    rows, answers, weights = [], [], []
    for name, found in looks.items():
        supported = np.array([look.pair.supported for look in found])
        rows += [_row(look) for look in found]
        each = np.where(supported, 0.5 / max(supported.sum(), 1), 0.5 / max((~supported).sum(), 1))
        weights.append(each * WEIGHTS.get(name, 1.0))
        answers.append(supported)
    given = np.concatenate(weights)
    model = LogisticRegression(C=STRENGTH, max_iter=2_000)
    model.fit(np.array(rows), np.concatenate(answers), given * len(given) / given.sum())
    return float(model.intercept_[0]), tuple(model.coef_[0].tolist())


def _row(look: Look) -> list[float]:
    found = features(look.pair.claim, look.sources, look.similarity, look.known, look.about)
    return found if look.read is None else [*found, logit(look.read)]
