"""Compares promises with what came of them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from services.chassis.unit_of_work import Work
from services.metrics.calibration.repository import KeptPromises
from services.metrics.calibration.schemas import GroupBy, PromiseCalibrationGroup, PromiseCalibrationRead
from services.metrics.domain.calibration import Calibration, Kept, calibrate
from services.metrics.domain.impact import Verdict
from services.metrics.domain.windows import Prediction
from services.metrics.models import Kpi, Outcome

MOST_NAMED = 100
UNKNOWN = "unknown"

Promise = tuple[Outcome, Kpi]


class CalibrationService:
    """The promises of one workspace."""

    def __init__(self, work: Work) -> None:
        self.promises = KeptPromises(work.session)

    async def read(self, group_by: GroupBy) -> PromiseCalibrationRead:
        """Groups with most promises first."""
        groups: defaultdict[tuple[str, str], list[Promise]] = defaultdict(list)
        promises = await self.promises.with_kpis()
        for promise in promises:
            for group in _groups(*promise, group_by):
                groups[group].append(promise)
        prior = 1.0 if group_by == "workspace" or not promises else _scored(promises, prior=1.0).factor
        told = [_told(group, label, of_group, prior=prior) for (group, label), of_group in groups.items()]
        return PromiseCalibrationRead(
            group_by=group_by, groups=sorted(told, key=lambda each: (-each.count, each.label))
        )


def _groups(outcome: Outcome, kpi: Kpi, group_by: GroupBy) -> Iterator[tuple[str, str]]:
    """Group and label; a promise of two teams counts for both, one of nobody known for `unknown`."""
    match group_by:
        case "workspace":
            yield "workspace", "All promises"
        case "kpi":
            yield str(kpi.id), kpi.name
        case "tag":
            yield from ((tag, tag) for tag in kpi.tags)
        case "team":
            yield from ((team, team) for team in outcome.team_ids or [UNKNOWN])
        case "requirement_kind":
            yield from ((kind, kind) for kind in outcome.requirement_kinds or [UNKNOWN])
        case "estimator":
            yield outcome.estimated_by or UNKNOWN, outcome.estimated_by or UNKNOWN


def _scored(promises: Sequence[Promise], *, prior: float) -> Calibration:
    is_one_unit = len({kpi.id for _, kpi in promises}) == 1
    return calibrate([_kept(outcome) for outcome, _ in promises], is_one_unit=is_one_unit, prior=prior)


def _told(group: str, label: str, promises: Sequence[Promise], *, prior: float) -> PromiseCalibrationGroup:
    scored = _scored(promises, prior=prior)
    ids = [outcome.id for outcome, _ in promises[:MOST_NAMED]]
    return PromiseCalibrationGroup(group=group, label=label, outcome_ids=ids, **asdict(scored))


def _kept(outcome: Outcome) -> Kept:
    effect, likely = outcome.effect or 0.0, outcome.predicted_likely or 0.0
    return Kept(
        prediction=Prediction(outcome.predicted_low or 0.0, likely, outcome.predicted_high or 0.0),
        effect=effect,
        low=effect if outcome.effect_low is None else outcome.effect_low,
        high=effect if outcome.effect_high is None else outcome.effect_high,
        is_improved=outcome.verdict == Verdict.IMPROVED,
        wants_increase=likely >= 0,
    )
