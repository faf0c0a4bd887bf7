"""Gathers a plan with all that is known of it: a handful of queries, however many features."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.audiences.repository import LatestForecast
from services.roadmap.copies.repository import KpiCopies, RequirementCopies
from services.roadmap.domain.plans import Cost, Effect, Goal, Milestone, Plan, PlannedFeature, Result
from services.roadmap.features.repository import FeatureRepository
from services.roadmap.models import Feature, Objective, Roadmap, RoadmapItem, Scenario, ScenarioItem
from services.roadmap.roadmaps.loading import loads_of_places
from services.roadmap.roadmaps.repository import ItemRepository
from services.roadmap.scenarios.repository import ScenarioItemRepository
from services.roadmap.strategy.repository import ObjectiveRepository
from services.roadmap.teams.repository import TeamRepository
from services.roadmap.visions.repository import VisionRepository

WEEKS = 26
UNNAMED_KPI = "A KPI"


class PlanReader:
    """Reads what stands on a roadmap, and what else its audiences may see."""

    def __init__(self, work: UnitOfWork) -> None:
        self.session = work.session
        self.today = work.clock.now().date()

    async def plan_of(self, roadmap: Roadmap, scenario: Scenario | None = None) -> Plan:
        """The whole truth, or what it could be; who may see it is decided by `project`.

        A scenario's own name and words are for those who try it out, and forecasts are of the roadmap as it is.
        """
        items = await self._items(roadmap, scenario)
        features = await FeatureRepository(self.session).by_ids(item.feature_id for item in items)
        objectives = await ObjectiveRepository(self.session).everything()
        teams = await TeamRepository(self.session).everyone()
        names = _Names(
            teams={team.id: team.name for team in teams},
            objectives={each.id: each.title for each in objectives},
            kpis=await self._kpis(features.values(), objectives),
            requirements=await self._requirements(features.values()),
            done_by={} if scenario else await LatestForecast(self.session).done_by(roadmap.id),
        )
        return Plan(
            title=roadmap.name,
            description=roadmap.description,
            visions=await VisionRepository(self.session).statements(),
            today=self.today,
            is_scenario=scenario is not None,
            features=tuple(names.planned(item, features[item.feature_id]) for item in items),
            goals=tuple(names.goal(each) for each in objectives if each.status in {"active", "achieved"}),
            loads=loads_of_places(items, features, teams, first=self.today, weeks=WEEKS),
        )

    async def _items(
        self, roadmap: Roadmap, scenario: Scenario | None
    ) -> Sequence[RoadmapItem] | Sequence[ScenarioItem]:
        if scenario is not None:
            return await ScenarioItemRepository(self.session).everything_in(scenario.id)
        return await ItemRepository(self.session).everything_on(roadmap.id)

    async def _kpis(self, features: Iterable[Feature], objectives: Sequence[Objective]) -> dict[UUID, str]:
        wanted = {result.kpi_id for objective in objectives for result in objective.key_results}
        for feature in features:
            wanted |= {each.kpi_id for each in feature.expected_effects}
            wanted |= {each.kpi_id for each in feature.outcomes}
        found = await KpiCopies(self.session).by_ids(wanted)
        return {each.id: each.name or UNNAMED_KPI for each in found.values()}

    async def _requirements(self, features: Iterable[Feature]) -> dict[UUID, str]:
        found = await RequirementCopies(self.session).by_ids(
            {each for feature in features for each in feature.requirement_ids}
        )
        return {each.id: each.title for each in found.values() if each.title and not each.is_deleted}


class _Names:
    """What ids stand for, once all are known."""

    def __init__(
        self,
        *,
        teams: Mapping[UUID, str],
        objectives: Mapping[UUID, str],
        kpis: Mapping[UUID, str],
        requirements: Mapping[UUID, str],
        done_by: Mapping[str, str],
    ) -> None:
        self.teams, self.objectives, self.kpis, self.requirements = teams, objectives, kpis, requirements
        self.done_by = done_by

    def planned(self, item: RoadmapItem | ScenarioItem, feature: Feature) -> PlannedFeature:
        done_by = self.done_by.get(str(feature.id))
        money = None if feature.cost_minor is None else Cost(feature.cost_minor, feature.currency or "")
        return PlannedFeature(
            id=str(feature.id),
            title=feature.title,
            description=feature.description,
            status=feature.status,
            horizon=item.horizon,
            is_pinned=item.is_pinned,
            starts_on=item.starts_on,
            ends_on=item.ends_on,
            shipped_on=feature.shipped_at.date() if feature.shipped_at else None,
            done_by=date.fromisoformat(done_by) if done_by else None,
            effort_days=feature.effort_days,
            cost=money,
            value=feature.value,
            teams=tuple(sorted({self.teams[each.team_id] for each in feature.work_packages if each.team_id})),
            needs=tuple(str(each) for each in feature.depends_on),
            objectives=tuple(self.objectives[each] for each in feature.objective_ids),
            requirements=tuple(
                self.requirements[each] for each in feature.requirement_ids if each in self.requirements
            ),
            effects=tuple(
                Effect(self.kpi(each.kpi_id), each.direction, each.low, each.likely, each.high, each.due_on)
                for each in feature.expected_effects
            ),
            results=tuple(
                Result(self.kpi(each.kpi_id), each.verdict, each.effect, each.measured_at.date())
                for each in feature.outcomes
            ),
        )

    def goal(self, objective: Objective) -> Goal:
        results = tuple(
            Milestone(
                each.title,
                self.kpi(each.kpi_id),
                each.start_value,
                each.current_value,
                each.target_value,
                each.progress,
            )
            for each in objective.key_results
        )
        return Goal(
            objective.title, objective.description, objective.status, objective.due_on, objective.progress, results
        )

    def kpi(self, kpi_id: UUID) -> str:
        return self.kpis.get(kpi_id, UNNAMED_KPI)
