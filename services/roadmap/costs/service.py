"""Works out what features cost, and holds it against what they are said to cost."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from services.chassis.types import Money
from services.chassis.unit_of_work import UnitOfWork, Work
from services.roadmap.costs.repository import CostRepository, Stated
from services.roadmap.costs.schemas import FeatureCost, PackageCost
from services.roadmap.domain import costing
from services.roadmap.domain.exchange import Exchange, RateMissing, half_up
from services.roadmap.exchange_rates.repository import ExchangeRateRepository
from services.roadmap.exchange_rates.service import RateLog


class CostService:
    """The cost of one feature, with everything that it is made of."""

    def __init__(self, work: Work) -> None:
        self.work = work

    async def of(self, feature_id: UUID, *, currency: str | None, on: date | None) -> FeatureCost:
        """Raises NotFound."""
        costs = CostRepository(self.work.session)
        stated = await costs.stated(feature_id)
        works, staff = (await costs.works([feature_id]))[feature_id], await costs.staff()
        exchange = await ExchangeRateRepository(self.work.session).exchange()
        currency = currency or stated.currency or _usual_currency(works, staff)
        day = on or stated.starts_on or self.work.clock.now().date()
        if currency is None:
            return _unpriced(feature_id, day, works)
        found = costing.cost_of(works, staff, exchange, currency=currency, on=day)
        return _shown(feature_id, found, stated, exchange)


class Costing:
    """The costs of many features at once, in whichever currency each is asked for."""

    def __init__(
        self, works: dict[UUID, list[costing.Work]], staff: Sequence[costing.Paid], exchange: Exchange
    ) -> None:
        self._works, self._staff, self.exchange = works, staff, exchange

    @classmethod
    async def read(cls, work: UnitOfWork, feature_ids: Collection[UUID]) -> "Costing":
        """With three queries."""
        costs = CostRepository(work.session)
        exchange = await ExchangeRateRepository(work.session).exchange()
        return cls(await costs.works(feature_ids), await costs.staff(), exchange)

    def of(self, feature_id: UUID, *, currency: str, on: date) -> costing.Cost | None:
        """None for a feature without work packages."""
        works = self._works.get(feature_id)
        return costing.cost_of(works, self._staff, self.exchange, currency=currency, on=on) if works else None


def _usual_currency(works: Sequence[costing.Work], staff: Sequence[costing.Paid]) -> str | None:
    """The one in which most of those who could do the work are paid."""
    skills = {each.skill for each in works}
    counts = Counter(each.currency for each in staff if each.skill in skills)
    return min(counts, key=lambda currency: (-counts[currency], currency), default=None)


def _shown(feature_id: UUID, found: costing.Cost, stated: Stated, exchange: Exchange) -> FeatureCost:
    rates = RateLog(exchange)
    for each in (*found.conversions, *(lacking.base for lacking in found.missing)):
        rates.note(each, found.currency, on=found.on)
    said = None
    if stated.cost_minor is not None and stated.currency is not None:
        rates.note(stated.currency, found.currency, on=found.on)
        try:
            said = half_up(exchange.converted(stated.cost_minor, stated.currency, found.currency, on=found.on))
        except RateMissing:
            said = None

    def money(amount: int | None) -> Money | None:
        return None if amount is None else Money(amount_minor=amount, currency=found.currency)

    has_cost = any(each.likely is not None for each in found.pieces)
    return FeatureCost(
        feature_id=feature_id,
        currency=found.currency,
        on=found.on,
        stated=money(said),
        low=money(found.low) if has_cost else None,
        likely=money(found.likely) if has_cost else None,
        high=money(found.high) if has_cost else None,
        difference=money(found.likely - said) if found.is_complete and said is not None else None,
        is_complete=found.is_complete,
        work_packages=[
            PackageCost(
                skill=each.work.skill,
                team_id=each.work.team_id and UUID(each.work.team_id),
                likely_days=each.work.likely,
                day_rate=money(each.day_rate),
                low=money(each.low),
                likely=money(each.likely),
                high=money(each.high),
                lacks=each.lacks,
            )
            for each in found.pieces
        ],
        conversions=rates.used,
        missing_rates=rates.wanted,
    )


def _unpriced(feature_id: UUID, day: date, works: Sequence[costing.Work]) -> FeatureCost:
    """Nothing names a currency, so no amount can be said."""
    lacking = costing.cost_of(works, (), Exchange(), currency="XXX", on=day)
    return _shown(feature_id, lacking, Stated(None, None, None), Exchange()).model_copy(update={"currency": None})
