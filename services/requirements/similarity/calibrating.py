"""The fit of a workspace's calibrator; runs in a child process."""

from collections.abc import Sequence

from services.requirements.domain.calibration import SHIPPED, Calibrator
from services.requirements.domain.refitting import refit

Decisions = Sequence[tuple[Sequence[float], bool]]


def fit(payload: tuple[str, Decisions], _report: object) -> Calibrator:
    """`(name, [(features, agreed)])`; always from the shipped weights, so that no decision counts twice."""
    name, decisions = payload
    return refit(SHIPPED, [features for features, _ in decisions], [agreed for _, agreed in decisions], name=name)
