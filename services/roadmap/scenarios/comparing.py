"""Puts the living roadmap and a scenario side by side: in a few numbers, and feature by feature."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from services.chassis.unit_of_work import Work
from services.roadmap.domain.diff import diff, merge
from services.roadmap.features.repository import FeatureRepository
from services.roadmap.models import Feature, Team
from services.roadmap.roadmaps.loading import DatedPlace, loads_of_places
from services.roadmap.roadmaps.repository import ItemRepository
from services.roadmap.scenarios.places import read, state_of
from services.roadmap.scenarios.schemas import CostTotal, PlanTotals, ScenarioComparison, SideBySide
from services.roadmap.scenarios.service import ScenarioService
from services.roadmap.teams.repository import TeamRepository

WEEKS = 26


class ScenarioComparer:
    """Reads both sides; changes nothing."""

    def __init__(self, work: Work) -> None:
        self.work = work

    async def compare(self, scenario_id: UUID) -> ScenarioComparison:
        """The report also of what a merge would stumble over."""
        session, scenarios = self.work.session, ScenarioService(self.work)
        scenario = await scenarios.get(scenario_id)
        living = await ItemRepository(session).everything_on(scenario.roadmap_id)
        tried = await scenarios.items.everything_in(scenario_id)
        base, here, there = read(scenario.base), state_of(living), state_of(tried)
        ids = {each.feature_id for each in living} | {each.feature_id for each in tried}
        features = await FeatureRepository(session).by_ids(ids)
        teams = await TeamRepository(session).everyone()
        today = self.work.clock.now().date()
        merged = merge(base, here, there)
        return ScenarioComparison(
            roadmap=_totals(living, features, teams, today=today),
            scenario=_totals(tried, features, teams, today=today),
            differences=[
                SideBySide.model_validate(
                    {
                        "feature_id": each.feature,
                        "title": features[UUID(each.feature)].title,
                        "parts": each.parts,
                        "roadmap": each.before,
                        "scenario": each.after,
                    }
                )
                for each in diff(here, there)
            ],
            changed_in_scenario=[UUID(each.feature) for each in diff(base, there)],
            changed_on_roadmap=[UUID(each.feature) for each in diff(base, here)],
            conflicts=await scenarios.conflicts(merged),
        )


def _totals(
    places: Sequence[DatedPlace], features: Mapping[UUID, Feature], teams: Sequence[Team], *, today: date
) -> PlanTotals:
    placed = [features[each.feature_id] for each in places]
    costs: dict[str, int] = defaultdict(int)
    for feature in placed:
        if feature.cost_minor is not None:
            costs[feature.currency or ""] += feature.cost_minor
    loads = loads_of_places(places, features, teams, first=today, weeks=WEEKS)
    return PlanTotals(
        features=len(placed),
        effort_days=sum(each.effort_days for each in placed),
        value=sum(each.value for each in placed),
        costs=[CostTotal(amount_minor=amount, currency=currency) for currency, amount in sorted(costs.items())],
        starts_on=min((each.starts_on for each in places if each.starts_on), default=None),
        ends_on=max((each.ends_on for each in places if each.ends_on), default=None),
        late=sum(
            each.ends_on is not None and feature.deadline is not None and each.ends_on > feature.deadline
            for each, feature in zip(places, placed, strict=True)
        ),
        overloaded_weeks=sum(week.load_days > week.capacity_days + 1e-6 for load in loads for week in load.weeks),
    )
