"""Gathers a strategy for a page: in the order in which somebody new would want to read it."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from services.chassis.unit_of_work import Work
from services.roadmap.budgets.service import BudgetReader
from services.roadmap.competition.service import CapabilityService
from services.roadmap.constraints.service import ConstraintService
from services.roadmap.coverage.service import CoverageService
from services.roadmap.domain.plans import Cost
from services.roadmap.exports.strategy_pages import Entry, Section, StrategyPage, Table
from services.roadmap.exports.words import money
from services.roadmap.models import Objective
from services.roadmap.pages.repository import MOST, PageRepository
from services.roadmap.products.repository import ProductRepository

WHOLE = "Strategy"


class PageService:
    """Reads every room once."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.rows = PageRepository(work.session)

    async def page(self, product_id: UUID | None) -> StrategyPage:
        """Raises NotFound for a product that does not exist."""
        product = await ProductRepository(self.work.session).get(product_id) if product_id else None
        today = self.work.clock.now().date()
        needs, needs_count = await self.rows.needs()
        pains = await self.rows.pains([need.id for need in needs])
        parts: list[Section | Table] = [
            _section("Vision", await self.rows.visions(product_id), _vision),
            _section("Markets", await self.rows.segments(), _segment),
            _section("Personas", await self.rows.personas(), _persona),
            _section("Needs", (needs, needs_count), lambda need: _need(need, pains.get(need.id, []))),
            _section("What sets us apart", await self.rows.differentiators(), _named),
            _section("Positioning", await self.rows.positionings(product_id), _positioning),
            await self._comparison(product_id),
            _section("Objectives", await self.rows.objectives(), _objective),
            _section("Initiatives", await self.rows.initiatives(product_id), _initiative),
            await self._budgets(product_id),
            await self._constraints(),
            await self._gaps(),
        ]
        return StrategyPage(title=product.name if product else WHOLE, as_of=today, parts=tuple(parts))

    async def _comparison(self, product_id: UUID | None) -> Table:
        if product_id is None:
            return Table(heading="Beside the others", columns=(), rows=())
        found = await CapabilityService(self.work).compare(product_id)
        names = [each.name for each in found.standings]
        rows = [
            (each.title, str(each.importance), *(_level(one.level) for one in (each.own, *each.rivals)))
            for each in found.capabilities[:MOST]
        ]
        return Table(heading="Beside the others", columns=("", "importance", *names), rows=tuple(rows))

    async def _budgets(self, product_id: UUID | None) -> Table:
        rows = []
        for budget, standing in await BudgetReader(self.work).current(self.work.clock.now().date()):
            if product_id in {None, budget.product_id}:
                figures = standing.figures
                amounts = (figures.planned, figures.committed, figures.spent, figures.forecast)
                told = (money(Cost(amount, budget.currency)) for amount in amounts)
                rows.append((f"{budget.name}: {standing.line.name}", *told))
        columns = ("", "planned", "committed", "spent", "forecast")
        return Table(heading="Money", columns=columns, rows=tuple(rows[:MOST]))

    async def _constraints(self) -> Section:
        entries = []
        for constraint, check in await ConstraintService(self.work).examine_all():
            days = f"{check.days_late} days late" if check.days_late else ""
            share = f"{check.missing_share:.1%} from the limit" if check.missing_share else ""
            verdict = f"broken: {days or share}" if check.is_broken else "kept"
            entries.append(Entry(title=constraint.title, facts=(verdict,)))
        return _cut("Constraints", entries)

    async def _gaps(self) -> Section:
        found = await CoverageService(self.work).read(limit=MOST)
        kinds = (
            ("Needs that no feature answers", found.needs_without_features),
            ("Features that nobody needs", found.features_without_need),
            ("Claims without proof", found.differentiators_unsupported),
            ("Objectives that nothing serves", found.objectives_without_features),
            ("Objectives that nothing pays for", found.objectives_unfunded),
        )
        entries = [
            Entry(title=f"{heading}: {gaps.count}", below=tuple(each.title for each in gaps.items))
            for heading, gaps in kinds
            if gaps.count
        ]
        return Section(heading="What is missing", entries=tuple(entries))


def _section(heading: str, found: tuple[Sequence[Any], int], told: Callable[[Any], Entry]) -> Section:
    rows, count = found
    return Section(heading=heading, entries=tuple(told(row) for row in rows), left_out=count - len(rows))


def _cut(heading: str, entries: Sequence[Entry]) -> Section:
    return Section(heading=heading, entries=tuple(entries[:MOST]), left_out=max(0, len(entries) - MOST))


def _vision(row: Any) -> Entry:
    market = (f"For {row.target_market}",) if row.target_market else ()
    return Entry(title=row.statement, facts=market, below=tuple(row.business_goals))


def _segment(row: Any) -> Entry:
    size = f"{row.size:,} {row.size_unit or ''}".strip() if row.size is not None else ""
    value = money(Cost(row.annual_value_minor, row.currency)) + " a year" if row.annual_value_minor is not None else ""
    source = f"source: {row.source}" if row.source else ""
    return Entry(title=row.name, facts=_told(size, value, source), text=row.description)


def _persona(row: Any) -> Entry:
    return Entry(title=row.name, facts=(row.role,), text=row.description, below=tuple(row.goals))


def _need(row: Any, pains: Sequence[str]) -> Entry:
    facts = _told(
        f"importance {row.importance}" if row.importance else "",
        f"satisfaction {row.satisfaction}" if row.satisfaction else "",
        f"opportunity {row.opportunity}" if row.opportunity else "",
        money(Cost(row.revenue_minor, row.currency)) + " behind it" if row.revenue_minor is not None else "",
    )
    return Entry(title=row.title, facts=facts, text=row.description, below=tuple(pains))


def _named(row: Any) -> Entry:
    return Entry(title=row.title, text=row.description)


def _positioning(row: Any) -> Entry:
    return Entry(title=row.name, text=row.statement)


def _initiative(row: Any) -> Entry:
    due = f"due {row.due_on.isoformat()}" if row.due_on else ""
    return Entry(title=row.title, facts=_told(row.status, due), text=row.description)


def _objective(row: Objective) -> Entry:
    results = [
        f"{each.title}: {each.start_value:,.10g} to {each.target_value:,.10g}"
        + ("" if each.current_value is None else f", now {each.current_value:,.10g}")
        for each in row.key_results
    ]
    done = "" if row.progress is None else f"{row.progress:.0%} done"
    due = f"due {row.due_on.isoformat()}" if row.due_on else ""
    return Entry(title=row.title, facts=_told(done, due), text=row.description, below=tuple(results))


def _told(*facts: str) -> tuple[str, ...]:
    return tuple(fact for fact in facts if fact)


def _level(level: int | None) -> str:
    return "?" if level is None else str(level)
