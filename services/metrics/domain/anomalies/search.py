"""Looks through several series at once, in the form that a child process is asked in."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.metrics.domain.anomalies import expectation, novelty
from services.metrics.domain.anomalies.told import Anomaly, Vector


class Method(StrEnum):
    EXPECTED = "expected"
    NOVELTY = "novelty"


FINDERS = {Method.EXPECTED: expectation.find_anomalies, Method.NOVELTY: novelty.find_novelties}
LIMITS = {Method.EXPECTED: expectation.LIMIT, Method.NOVELTY: novelty.LIMIT}


@dataclass(frozen=True)
class Question:
    """Series to be looked through elsewhere; without a limit the method's own holds."""

    series: Sequence[Vector]
    season: int
    limit: float | None = None
    method: Method = Method.EXPECTED


def search(question: Question, _report: object = None) -> list[list[Anomaly]]:
    """What the method finds in each of the series."""
    find = FINDERS[question.method]
    limit = LIMITS[question.method] if question.limit is None else question.limit
    return [find(values, season=question.season, limit=limit) for values in question.series]
