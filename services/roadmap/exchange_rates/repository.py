"""The only SQL about exchange rates."""

from fractions import Fraction
from typing import Any, ClassVar

from sqlalchemy import select

from services.roadmap.domain.exchange import Exchange, Rate
from services.roadmap.keeping.repository import LinkedRepository
from services.roadmap.models import ExchangeRate


class ExchangeRateRepository(LinkedRepository[ExchangeRate]):
    """Exchange rates."""

    model: ClassVar[Any] = ExchangeRate

    async def exchange(self) -> Exchange:
        """All of them, ready to convert with."""
        rate = ExchangeRate
        query = select(rate.base_currency, rate.quote_currency, rate.rate, rate.valid_from).where(
            rate.workspace_id == self.workspace_id
        )
        rows = (await self.session.execute(query)).all()
        return Exchange(Rate(row.base_currency, row.quote_currency, Fraction(row.rate), row.valid_from) for row in rows)
