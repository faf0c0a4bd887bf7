"""What runs in the child process: the question in, the forecast out, both as plain data."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from math import ceil
from typing import Any

import msgspec

from services.roadmap.domain.forecasting.calibration import Calibration, Finished, calibration_of
from services.roadmap.domain.forecasting.durations import Range, lognormal_of
from services.roadmap.domain.forecasting.forecast import Bundle, ForecastProblem, PlannedTask, forecast
from services.roadmap.domain.forecasting.simulation import Crew, Gate, Task
from services.roadmap.forecasts.bundling import told_release
from services.roadmap.forecasts.record import Question, Work
from services.roadmap.optimization.wording_of_unfit import explain_unfit


def simulate(asked: dict[str, Any], report: Callable[[Any], None]) -> dict[str, Any]:
    """Answer a forecast in dates."""
    del report
    question = msgspec.convert(asked["question"], Question)
    calibrations = _calibrations(question)
    problem = _problem(question, calibrations)
    found = forecast(problem, samples=asked["samples"], seed=asked["seed"])
    promised = {each.id: each.promised_on for each in question.features}
    releases = {each.id: each for each in question.releases}
    return {
        "done": _dates(found.days, question.first) if found.features else None,
        "features": [
            {
                "feature_id": each.feature,
                "done": _dates(each.days, question.first),
                "promised_on": _text(promised[each.feature]),
                "chance": each.chance,
                "criticality": each.criticality,
            }
            for each in found.features
        ],
        "releases": [
            told_release(releases[each.name], done=_dates(each.days, question.first), chance=each.chance)
            for each in found.bundles
        ],
        "left_out": [
            {"feature_id": each, "reason": reason, "explanation": explain_unfit(reason)}
            for each, reason in sorted(question.left_out.items())
        ],
        "drivers": [
            {"feature_id": each.feature, "skill": each.label, "correlation": round(each.correlation, 4)}
            for each in found.drivers
        ],
        "calibration": [_shown(team, each) for team, each in calibrations.items()],
    }


def _problem(question: Question, calibrations: Mapping[str | None, Calibration]) -> ForecastProblem:
    crews = {(crew.team_id, crew.skill): index for index, crew in enumerate(question.crews)}
    teams = sorted({crew.team_id for crew in question.crews})
    overall = calibrations[None].correction
    tasks: list[PlannedTask] = []
    pieces: dict[str, list[int]] = {}
    for feature in question.features:
        unusual = {each.needs for each in feature.waiting}
        waits_for = tuple(
            index for needed in feature.needs if needed not in unusual for index in pieces.get(needed, ())
        )
        gates = tuple(
            Gate(tuple(pieces[each.needs]), each.link, float(each.lag_days))
            for each in feature.waiting
            if each.needs in pieces
        )
        for work in feature.work:
            crew = crews[work.team_id, work.skill]
            width = min(_lanes(question.crews[crew].people), max(1, round(work.people)))
            task = Task(crew, width, waits_for, float(feature.earliest_day), gates)
            pieces.setdefault(feature.id, []).append(len(tasks))
            tasks.append(PlannedTask(feature.id, work.skill, _length(work), task, teams.index(work.team_id)))
    return ForecastProblem(
        tasks=tuple(tasks),
        crews=tuple(Crew(_lanes(crew.people), crew.workdays) for crew in question.crews),
        corrections=tuple(calibrations[each].correction if each in calibrations else overall for each in teams),
        promises={
            each.id: _promise(each.promised_on, question.first) for each in question.features if each.promised_on
        },
        bundles=tuple(
            Bundle(each.id, each.features, _promise(each.promised_on, question.first) if each.promised_on else None)
            for each in question.releases
        ),
    )


def _length(work: Work) -> Any:
    """Person-days shared by the people who work on it."""
    return lognormal_of(Range(work.low / work.people, work.likely / work.people, work.high / work.people))


def _lanes(people: float) -> int:
    return max(1, int(people))


def _promise(promised_on: date, first: date) -> float:
    """The end of the promised day."""
    return float((promised_on - first).days + 1)


def _calibrations(question: Question) -> dict[str | None, Calibration]:
    """Of everything together under None; of each team with finished work of its own."""
    finished = [
        (each.team_id, Finished(Range(each.low, each.likely, each.high), each.actual)) for each in question.history
    ]
    found: dict[str | None, Calibration] = {None: calibration_of([each for _, each in finished])}
    for team in sorted({team for team, _ in finished if team is not None}):
        found[team] = calibration_of([each for of, each in finished if of == team])
    return found


def _shown(team: str | None, calibration: Calibration) -> dict[str, Any]:
    return {
        "team_id": team,
        "tasks": calibration.tasks,
        "coverage": calibration.coverage,
        "bias": calibration.bias,
        "factor": calibration.correction.factor,
        "widening": calibration.correction.widening,
    }


def _dates(days: Mapping[int, float], first: date) -> dict[str, str]:
    """The day within which the moment lies: work that ends with a day's end is done on that day."""
    return {f"p{p}": (first + timedelta(days=max(0, ceil(day - 1e-4) - 1))).isoformat() for p, day in days.items()}


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
