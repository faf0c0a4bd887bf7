"""Keeps budgets and what was spent, and tells how the money stands."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from services.chassis.errors import FieldError, Invalid, NotFound, StillReferenced, UnknownReference
from services.chassis.types import Money
from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.budgets.repository import BudgetRepository, EntryRepository, LineRepository, Priced
from services.roadmap.budgets.schemas import BudgetRead, BudgetStatus, EntryRead, Figures, LineFigures, LineRead
from services.roadmap.costs.service import Costing
from services.roadmap.domain import money
from services.roadmap.domain.exchange import RateMissing, decimal_of, half_up
from services.roadmap.domain.payers import Claim, payers
from services.roadmap.exchange_rates.repository import ExchangeRateRepository
from services.roadmap.exchange_rates.service import MissingExchangeRate, RateLog
from services.roadmap.keeping.repository import LinkRepository
from services.roadmap.keeping.service import Keeper
from services.roadmap.models import Budget, BudgetEntry, BudgetLine
from services.roadmap.products.service import require_product


class BudgetService(Keeper[Budget, BudgetRead]):
    """Budgets."""

    noun: ClassVar[str] = "budget"
    repository: ClassVar[Any] = BudgetRepository
    read: ClassVar[Any] = BudgetRead

    async def check(self, row: Budget) -> None:
        """Raises Invalid when it ends before it starts, UnknownReference when its product does not exist."""
        if row.ends_on < row.starts_on:
            raise Invalid(errors=[FieldError("/ends_on", "It cannot end before it starts.")])
        await require_product(self.work, row.product_id)

    async def require_removable(self, row: Budget) -> None:
        """Raises StillReferenced while it has lines."""
        if await BudgetRepository(self.work.session).has_lines(row.id):
            raise StillReferenced("Remove its lines first.")

    async def status(self, budget_id: UUID) -> BudgetStatus:
        budget = await self.get(budget_id)
        lines = [figures for _, figures in await BudgetReader(self.work).read([budget])]
        return BudgetStatus(
            budget_id=budget.id,
            as_of=self.work.clock.now(),
            lines=[_shown_line(each, budget.currency) for each in lines],
            total=Figures.model_validate(_shown(money.total(each.figures for each in lines), budget.currency)),
        )


class LineService(Keeper[BudgetLine, LineRead]):
    """The lines of budgets."""

    noun: ClassVar[str] = "budget_line"
    repository: ClassVar[Any] = LineRepository
    read: ClassVar[Any] = LineRead

    async def get_of(self, budget_id: UUID, line_id: UUID) -> BudgetLine:
        """Raises NotFound also when it belongs to another budget."""
        line = await self.get(line_id)
        if line.budget_id != budget_id:
            raise NotFound(f"The budget has no line {line_id}.")
        return line

    async def check(self, row: BudgetLine) -> None:
        """Raises Invalid for another currency than the budget's."""
        budget = await BudgetRepository(self.work.session).get(row.budget_id)
        _require_currency("/planned/currency", row.currency, budget)

    async def require_removable(self, row: BudgetLine) -> None:
        """Raises StillReferenced while money was spent from it or promised."""
        if await LineRepository(self.work.session).has_entries(row.id):
            raise StillReferenced("Money was spent from this line, or promised.")


class EntryService(Keeper[BudgetEntry, EntryRead]):
    """What was spent and promised; kept as it was written."""

    noun: ClassVar[str] = "budget_entry"
    repository: ClassVar[Any] = EntryRepository
    read: ClassVar[Any] = EntryRead

    async def get_of(self, budget_id: UUID, entry_id: UUID) -> BudgetEntry:
        """Raises NotFound also when it belongs to another budget."""
        entry = await self.get(entry_id)
        if entry.budget_id != budget_id:
            raise NotFound(f"The budget has no entry {entry_id}.")
        return entry

    async def check(self, row: BudgetEntry) -> None:
        """Raises Invalid outside of the budget's period or currency, UnknownReference for what is not there."""
        budget = await BudgetRepository(self.work.session).get(row.budget_id)
        if not budget.starts_on <= row.occurred_on <= budget.ends_on:
            raise Invalid(errors=[FieldError("/occurred_on", "It lies outside of the budget's period.")])
        line = await LineRepository(self.work.session).find(row.line_id, lock=True)
        if line is None or line.budget_id != budget.id:
            raise _unknown("line_id", row.line_id)
        if row.feature_id and not await LinkRepository(self.work.session).held("feature", [row.feature_id]):
            raise _unknown("feature_id", row.feature_id)
        if row.contract_id is not None:
            contract = await self.rows.find(row.contract_id)
            if contract is None or (contract.kind, contract.line_id) != ("contract", row.line_id):
                raise _unknown("contract_id", row.contract_id)
        if row.currency != budget.currency:
            await self._convert(row, budget.currency)

    async def _convert(self, row: BudgetEntry, currency: str) -> None:
        """At the rate of the day, which the entry keeps. Raises MissingExchangeRate."""
        exchange = await ExchangeRateRepository(self.work.session).exchange()
        try:
            rate = exchange.rate(row.currency, currency, on=row.occurred_on)
        except RateMissing as lacking:
            raise MissingExchangeRate.of(lacking.missing, pointer="/amount/currency") from None
        amount = half_up(exchange.converted(row.amount_minor, row.currency, currency, on=row.occurred_on))
        row.paid_minor, row.paid_currency = row.amount_minor, row.currency
        row.exchange_rate, row.exchange_rate_from = decimal_of(rate.rate), rate.valid_from
        row.amount_minor, row.currency = amount, currency


class LineStanding:
    """A line, what it pays for, what each of that costs in its currency, and its figures."""

    def __init__(self, line: BudgetLine, paid: Sequence[Priced], costing: Costing, *, today: date) -> None:
        self.line, self.paid = line, paid
        self.costs: dict[UUID, int] = {}
        self.computed: list[UUID] = []
        self.rates = RateLog(costing.exchange)
        self.figures = money.line_figures(planned=line.planned_minor)
        for each in paid:
            if each.cost_minor is None:
                self._compute(each.id, costing, today)
            else:
                self._convert(each, today)

    def _compute(self, feature_id: UUID, costing: Costing, today: date) -> None:
        found = costing.of(feature_id, currency=self.line.currency, on=today)
        if found is None:
            return
        for base in (*found.conversions, *(each.base for each in found.missing)):
            self.rates.note(base, self.line.currency, on=today)
        if found.is_complete:
            self.costs[feature_id] = found.likely
            self.computed.append(feature_id)

    def _convert(self, priced: Priced, today: date) -> None:
        base, quote = priced.currency or self.line.currency, self.line.currency
        self.rates.note(base, quote, on=today)
        with suppress(RateMissing):
            cost = self.rates.exchange.converted(priced.cost_minor or 0, base, quote, on=today)
            self.costs[priced.id] = half_up(cost)


class BudgetReader:
    """Reads the figures of many budgets with a fixed number of queries."""

    def __init__(self, work: UnitOfWork) -> None:
        self.work = work
        self.lines = LineRepository(work.session)

    async def current(self, today: date) -> list[tuple[Budget, LineStanding]]:
        """Every line of every budget that is not over."""
        return await self.read(await BudgetRepository(self.work.session).current(today))

    async def read(self, budgets: Sequence[Budget]) -> list[tuple[Budget, LineStanding]]:
        by_id = {budget.id: budget for budget in budgets}
        lines = await self.lines.of(by_id)
        paid = await self._paid(lines)
        contracts, spent = await self._booked(by_id)
        bare = {each.id for some in paid.values() for each in some if each.cost_minor is None}
        costing, today = await Costing.read(self.work, bare), self.work.clock.now().date()
        standings = []
        for line in lines:
            standing = LineStanding(line, paid[line.id], costing, today=today)
            standing.figures = _figures(standing, contracts[line.id], spent[line.id])
            standings.append((by_id[line.budget_id], standing))
        return standings

    async def _paid(self, lines: Sequence[BudgetLine]) -> dict[UUID, list[Priced]]:
        """Each budget pays for a feature from one line; another budget may pay for it too."""
        by_initiative = await self.lines.features_of_initiatives(_ends(line.initiative_ids for line in lines))
        by_objective = await self.lines.features_of_objectives(_ends(line.objective_ids for line in lines))
        claims: defaultdict[UUID, list[Claim]] = defaultdict(list)
        for line in lines:
            claims[line.budget_id].append(
                Claim(
                    str(line.id),
                    named=[str(each) for each in line.feature_ids],
                    by_initiative=_features(line.initiative_ids, by_initiative),
                    by_objective=_features(line.objective_ids, by_objective),
                )
            )
        payer = [pair for each in claims.values() for pair in payers(each).items()]
        prices = await self.lines.prices({UUID(feature) for feature, _ in payer})
        paid: dict[UUID, list[Priced]] = {line.id: [] for line in lines}
        for feature, line_id in sorted(payer):
            if UUID(feature) in prices:
                paid[UUID(line_id)].append(prices[UUID(feature)])
        return paid

    async def _booked(self, budget_ids: Mapping[UUID, Budget]) -> tuple[dict[UUID, Any], dict[UUID, Any]]:
        contracts: defaultdict[UUID, dict[UUID, int]] = defaultdict(dict)
        for row in await self.lines.contracts(budget_ids):
            contracts[row.line_id][row.id] = row.amount_minor
        spent: defaultdict[UUID, list[Any]] = defaultdict(list)
        for row in await self.lines.spendings(budget_ids):
            spent[row.line_id].append(row)
        return contracts, spent


def _figures(standing: LineStanding, contracts: Mapping[UUID, int], spent: Sequence[Any]) -> money.LineFigures:
    on = {row.feature_id or row.contract_id: int(row.amount) for row in spent}
    return money.line_figures(
        planned=standing.line.planned_minor,
        work=[
            money.Work(
                cost=standing.costs[each.id],
                spent=on.get(each.id, 0),
                standing=money.standing(each.status, is_placed=each.is_placed),
                is_shipped=each.status in {"shipped", "retired"},
            )
            for each in standing.paid
            if each.id in standing.costs
        ],
        contracts=[money.Contract(amount, on.get(each, 0)) for each, amount in contracts.items()],
        other=sum(amount for end, amount in on.items() if end not in standing.costs and end not in contracts),
    )


def _shown(figures: money.LineFigures, currency: str) -> dict[str, Any]:
    def amount(minor: int) -> Money:
        return Money(amount_minor=minor, currency=currency)

    return {
        "planned": amount(figures.planned),
        "committed": amount(figures.committed),
        "spent": amount(figures.spent),
        "forecast_at_completion": amount(figures.forecast),
        "available": amount(figures.available),
        "overrun": amount(figures.overrun),
    }


def _shown_line(standing: LineStanding, currency: str) -> LineFigures:
    others = [each for each in standing.paid if each.id not in standing.costs]
    return LineFigures(
        **_shown(standing.figures, currency),
        line_id=standing.line.id,
        name=standing.line.name,
        cost_ratio=float(standing.figures.cost_ratio),
        features=len(standing.paid),
        computed_feature_ids=standing.computed,
        unpriced_feature_ids=[each.id for each in others if each.cost_minor is None],
        foreign_feature_ids=[each.id for each in others if each.cost_minor is not None],
        conversions=standing.rates.used,
        missing_rates=standing.rates.wanted,
    )


def _ends(ids: Iterable[Sequence[UUID]]) -> set[UUID]:
    return {each for some in ids for each in some}


def _features(owners: Sequence[UUID], features: Mapping[UUID, set[UUID]]) -> list[str]:
    return [str(feature) for owner in owners for feature in features.get(owner, ())]


def _require_currency(pointer: str, currency: str, budget: Budget) -> None:
    if currency != budget.currency:
        raise Invalid(errors=[FieldError(pointer, f"The budget is in {budget.currency}.")])


def _unknown(field: str, given: UUID) -> UnknownReference:
    return UnknownReference(
        errors=[FieldError(f"/{field}", f"There is no such thing in this budget: {given}.", "unknown")]
    )
