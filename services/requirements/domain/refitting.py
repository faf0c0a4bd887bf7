"""A workspace's own calibrator from its people's decisions; numpy, so for a child process only."""

from collections.abc import Sequence

import numpy as np

from services.requirements.domain.calibration import Calibrator

TRUST = 20.0
"""How many decisions the calibrator that was there counts for."""
STEPS = 50
CLOSE = 1e-8


def refit(prior: Calibrator, features: Sequence[Sequence[float]], agreed: Sequence[bool], *, name: str) -> Calibrator:
    """The most probable logistic weights after these decisions, beginning from `prior`.

    Maximises sum log P(decision) - TRUST/2 * ||s (w - w_prior)||^2 by Newton's method, s the spread of each feature, so
    that few decisions change little and many decide. With no decision it is the prior.

    Source: Platt, Probabilistic outputs for support vector machines, 1999, with a Gaussian prior about the old weights.
    """
    start = np.array([*prior.weights, prior.intercept])
    if not features:
        return Calibrator(name, prior.weights, prior.intercept)
    rows = np.column_stack([np.asarray(features, dtype=float), np.ones(len(features))])
    told = np.asarray(agreed, dtype=float)
    spread = np.append(np.maximum(rows[:, :-1].std(axis=0), 0.01), 1.0)
    hold = np.diag(TRUST * spread**2 / 4)
    weights = start.copy()
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-np.clip(rows @ weights, -35, 35)))
        slope = rows.T @ (told - chance) - hold @ (weights - start)
        bend = (rows * (chance * (1 - chance))[:, None]).T @ rows + hold
        step = np.linalg.solve(bend, slope)
        weights = weights + step
        if np.abs(step).max() < CLOSE:
            break
    return Calibrator(name, tuple(float(each) for each in weights[:-1]), float(weights[-1]))
