"""Lays the strategy beside the plan and tells where they do not meet."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from services.chassis.types import Money
from services.chassis.unit_of_work import Work
from services.roadmap.budgets.service import BudgetReader, LineStanding
from services.roadmap.constraints.schemas import ConstraintCheck
from services.roadmap.constraints.service import ConstraintService
from services.roadmap.coverage.repository import CoverageRepository
from services.roadmap.coverage.schemas import (
    BrokenConstraint,
    CoverageRead,
    Gaps,
    LackingObjective,
    NeedlessFeature,
    UncoveredNeed,
    UnsupportedDifferentiator,
)
from services.roadmap.domain.coverage import Link, Strategy, coverage
from services.roadmap.models import Budget, Constraint

LINKS = (
    ("pain_point", "requirement"),
    ("differentiator", "need"),
    ("differentiator", "feature"),
    ("initiative", "objective"),
    ("initiative", "feature"),
)


class CoverageService:
    """Reads everything once, with as many queries as there are kinds; the domain decides."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.facts = CoverageRepository(work.session)

    async def read(self, *, limit: int) -> CoverageRead:
        needs = {str(need.id): need for need in await self.facts.needs()}
        features = {str(row.id): row for row in await self.facts.features()}
        claims = {str(row.id): row.title for row in await self.facts.differentiators()}
        objectives = {str(row.id): row.title for row in await self.facts.objectives()}
        linked = await self._links()
        lines = await BudgetReader(self.work).current(self.work.clock.now().date())
        checks = await ConstraintService(self.work).examine_all()
        found = coverage(
            Strategy(
                needs=needs,
                pains=_texts(await self.facts.pains()),
                asked=linked["pain_point", "requirement"],
                answered=_texts(await self.facts.answers()),
                features={each: row.status for each, row in features.items()},
                differentiators=claims,
                claims=_turned(linked["differentiator", "need"]),
                supports=linked["differentiator", "feature"],
                objectives=objectives,
                served=[*_texts(await self.facts.services()), *_through(linked)],
                pursued=_turned(linked["initiative", "objective"]),
                funded={str(link.target_id) for _, standing in lines for link in standing.line.links},
            )
        )
        uncovered = [
            UncoveredNeed(
                need_id=need.id,
                title=need.title,
                broken_at=found.needs_without_features[each],
                opportunity=need.opportunity,
                revenue=need.revenue,
            )
            for each, need in needs.items()
            if each in found.needs_without_features
        ]
        uncovered.sort(key=lambda gap: (-(gap.opportunity or 0), gap.need_id))
        return CoverageRead(
            as_of=self.work.clock.now(),
            needs=len(needs),
            needs_covered=len(needs) - len(uncovered),
            needs_without_features=_gaps(uncovered, limit),
            features_without_need=_gaps(
                [
                    NeedlessFeature(
                        feature_id=UUID(each), title=features[each].title, status=features[each].status, lacks=lack
                    )
                    for each, lack in found.features_without_need.items()
                ],
                limit,
            ),
            differentiators_unsupported=_gaps(
                [
                    UnsupportedDifferentiator(differentiator_id=UUID(each), title=claims[each], flaw=flaw)
                    for each, flaw in found.differentiators_unsupported.items()
                ],
                limit,
            ),
            objectives_without_features=_gaps(
                [
                    LackingObjective(objective_id=UUID(each), title=objectives[each])
                    for each in found.objectives_without_features
                ],
                limit,
            ),
            objectives_unfunded=_gaps(
                [
                    LackingObjective(objective_id=UUID(each), title=objectives[each])
                    for each in found.objectives_unfunded
                ],
                limit,
            ),
            constraints_broken=_gaps([*_exceeded(lines), *_broken(checks)], limit),
        )

    async def _links(self) -> dict[tuple[str, str], list[Link]]:
        linked: dict[tuple[str, str], list[Link]] = {ends: [] for ends in LINKS}
        for source_kind, target_kind, source, target in await self.facts.links(*LINKS):
            linked[source_kind, target_kind].append((str(source), str(target)))
        return linked


def _exceeded(lines: Iterable[tuple[Budget, LineStanding]]) -> list[BrokenConstraint]:
    return [
        BrokenConstraint(
            kind="budget",
            title=standing.line.name,
            budget_id=budget.id,
            budget_line_id=standing.line.id,
            overrun=Money(amount_minor=standing.figures.overrun, currency=budget.currency),
        )
        for budget, standing in lines
        if standing.figures.overrun
    ]


def _broken(checks: Iterable[tuple[Constraint, ConstraintCheck]]) -> list[BrokenConstraint]:
    return [
        BrokenConstraint(
            kind="date" if constraint.due_on else "share",
            title=constraint.title,
            constraint_id=constraint.id,
            days_late=check.days_late,
            missing_share=check.missing_share,
            missing_amount=check.missing_amount,
        )
        for constraint, check in checks
        if check.is_broken
    ]


def _through(linked: dict[tuple[str, str], list[Link]]) -> list[Link]:
    """Objectives are also served by the features of the initiatives that pursue them."""
    objectives: dict[str, list[str]] = {}
    for initiative, objective in linked["initiative", "objective"]:
        objectives.setdefault(initiative, []).append(objective)
    return [
        (objective, feature)
        for initiative, feature in linked["initiative", "feature"]
        for objective in objectives.get(initiative, ())
    ]


def _texts(pairs: Iterable[Any]) -> list[Link]:
    return [(str(start), str(end)) for start, end in pairs]


def _turned(links: Iterable[Link]) -> list[Link]:
    return [(end, start) for start, end in links]


def _gaps(found: list[Any], limit: int) -> Gaps[Any]:
    return Gaps(count=len(found), items=found[:limit])
