"""What runs in the child process that forecasts by throughput: plain data in, plain data out."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import msgspec
import numpy as np

from services.roadmap.domain.forecasting.forecast import PERCENTILES
from services.roadmap.domain.forecasting.throughput import NEVER, Weeks, finishing_weeks
from services.roadmap.forecasts.bundling import told_release
from services.roadmap.forecasts.record import OpenFeature, PlannedRelease, ThroughputQuestion
from services.roadmap.optimization.wording_of_unfit import explain_unfit

FRIDAY = timedelta(days=4)


def count(asked: dict[str, Any], report: Callable[[Any], None]) -> dict[str, Any]:
    """Answer a forecast in dates: the Friday of the week in which a feature is done."""
    del report
    question = msgspec.convert(asked["question"], ThroughputQuestion)
    done = _done(question, samples=asked["samples"], seed=asked["seed"])
    near = {feature_id: weeks for feature_id, weeks in done.items() if _percentile(weeks, 95) < NEVER}
    left_out = question.left_out | dict.fromkeys(done.keys() - near.keys(), "beyond_horizon")
    past = question.done_per_week
    return {
        "done": _dates(np.max(list(near.values()), axis=0), question.first) if near else None,
        "features": [_shown(each, near[each.id], question.first) for each in question.features if each.id in near],
        "releases": [
            _release(each, near, question.first)
            for each in question.releases
            if not near.keys().isdisjoint(each.features)
        ],
        "left_out": [
            {"feature_id": each, "reason": reason, "explanation": explain_unfit(reason)}
            for each, reason in sorted(left_out.items())
        ],
        "drivers": [],
        "calibration": [],
        "throughput": {"weeks": len(past), "done": sum(past), "per_week": round(sum(past) / max(1, len(past)), 4)},
    }


def _done(question: ThroughputQuestion, *, samples: int, seed: int) -> dict[str, Weeks]:
    """By feature, the week in which each future has it done."""
    if not question.features:
        return {}
    weeks = finishing_weeks(question.done_per_week, items=len(question.features), samples=samples, seed=seed)
    return {each.id: np.maximum(row, each.earliest_week) for each, row in zip(question.features, weeks, strict=True)}


def _shown(feature: OpenFeature, weeks: Weeks, first: date) -> dict[str, Any]:
    promised = feature.promised_on
    return {
        "feature_id": feature.id,
        "done": _dates(weeks, first),
        "promised_on": None if promised is None else promised.isoformat(),
        "chance": _chance(weeks, promised, first),
        "criticality": None,
    }


def _release(release: PlannedRelease, done: Mapping[str, Weeks], first: date) -> dict[str, Any]:
    covered = [each for each in release.features if each in done]
    lost = tuple(each for each in release.features if each not in done)
    release = msgspec.structs.replace(release, uncovered=(*release.uncovered, *lost))
    weeks = np.max([done[each] for each in covered], axis=0)
    return told_release(release, done=_dates(weeks, first), chance=_chance(weeks, release.promised_on, first))


def _chance(weeks: Weeks, promised: date | None, first: date) -> float | None:
    """Of a promise that is kept by the Friday before it, or on it."""
    return None if promised is None else float((weeks <= (promised - first - FRIDAY).days // 7).mean())


def _dates(weeks: Weeks, first: date) -> dict[str, str]:
    return {
        f"p{percent}": (first + timedelta(weeks=_percentile(weeks, percent)) + FRIDAY).isoformat()
        for percent in PERCENTILES
    }


def _percentile(weeks: Weeks, percent: float) -> int:
    """The first week by which so many of a hundred futures have it done."""
    return int(np.percentile(weeks, percent, method="inverted_cdf"))
