"""HTTP for exchange rates."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Currency, Page
from services.roadmap.exchange_rates.schemas import ExchangeRateCreate, ExchangeRateRead, ExchangeRateUpdate
from services.roadmap.exchange_rates.service import ExchangeRateService

DOLLAR = {
    "base_currency": "USD",
    "quote_currency": "EUR",
    "rate": 0.92,
    "valid_from": "2026-01-01",
    "source": "Our bank, first working day of the year",
}

router = Router(prefix="/v1/exchange-rates", tags=["Budgets"])
Rates = Annotated[ExchangeRateService, Depends(ExchangeRateService)]


@router.post(scope="roadmap:write", example=DOLLAR)
async def create_exchange_rate(new: ExchangeRateCreate, rates: Rates) -> Created[ExchangeRateRead]:
    """Enter an exchange rate.

    Budgets and costs in several currencies are converted at the rate that holds on the day, in either direction, and
    say which one it was; where there is none they say so, and count nothing. A second rate of the same two currencies
    from the same day is answered with 409.
    """
    return created(await rates.create(new))


@router.get(scope="roadmap:read")
async def list_exchange_rates(
    rates: Rates,
    page: Paging,
    *,
    base_currency: Annotated[Currency | None, Query(description="Only rates of this currency.")] = None,
    quote_currency: Annotated[Currency | None, Query(description="Only rates in this currency.")] = None,
) -> Page[ExchangeRateRead]:
    """List exchange rates, last entered first."""
    return await rates.search(page, base_currency=base_currency, quote_currency=quote_currency)


@router.get("/{exchange_rate_id}", scope="roadmap:read")
async def get_exchange_rate(exchange_rate_id: UUID, rates: Rates) -> ExchangeRateRead:
    """Read an exchange rate."""
    return ExchangeRateRead.model_validate(await rates.get(exchange_rate_id))


@router.patch("/{exchange_rate_id}", scope="roadmap:write", example={"rate": 0.93})
async def update_exchange_rate(
    exchange_rate_id: UUID, change: ExchangeRateUpdate, rates: Rates, if_match: IfMatch
) -> ExchangeRateRead:
    """Correct an exchange rate.

    What was booked at it keeps the rate that it was booked at. A new rate from another day is one of its own.
    """
    return ExchangeRateRead.model_validate(await rates.update(exchange_rate_id, change, if_match=if_match))


@router.delete("/{exchange_rate_id}", scope="roadmap:write")
async def delete_exchange_rate(exchange_rate_id: UUID, rates: Rates, if_match: IfMatch) -> None:
    """Remove an exchange rate."""
    await rates.delete(exchange_rate_id, if_match=if_match)
