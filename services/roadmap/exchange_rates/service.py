"""Keeps exchange rates, and converts with them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from services.chassis.errors import FieldError, Invalid
from services.roadmap.domain.exchange import Exchange, MissingRate, RateMissing
from services.roadmap.exchange_rates.repository import ExchangeRateRepository
from services.roadmap.exchange_rates.schemas import ExchangeRateRead, RateUsed, RateWanted
from services.roadmap.keeping.service import Keeper
from services.roadmap.models import ExchangeRate


class MissingExchangeRate(Invalid):
    code, title = "missing_exchange_rate", "There is no rate to convert this with"

    @classmethod
    def of(cls, missing: MissingRate, *, pointer: str) -> "MissingExchangeRate":
        return cls(errors=[FieldError(pointer, f"{missing} Enter one at /v1/exchange-rates.", "missing_rate")])


class ExchangeRateService(Keeper[ExchangeRate, ExchangeRateRead]):
    """Exchange rates."""

    noun: ClassVar[str] = "exchange_rate"
    repository: ClassVar[Any] = ExchangeRateRepository
    read: ClassVar[Any] = ExchangeRateRead

    async def _write(self, row: ExchangeRate, fields: Mapping[str, Any]) -> None:
        plain = dict(fields)
        if "rate" in plain:
            plain["rate"] = Decimal(repr(plain["rate"]))
        await super()._write(row, plain)


class RateLog:
    """Notes which rates were used, and which were wanted in vain, so that both can be shown."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self._used: dict[tuple[str, str, date], RateUsed] = {}
        self._wanted: dict[MissingRate, RateWanted] = {}

    def note(self, base: str, quote: str, *, on: date) -> None:
        """One more use of the rate that holds on the day."""
        if base == quote:
            return
        try:
            rate = self.exchange.rate(base, quote, on=on)
        except RateMissing as lacking:
            self._wanted[lacking.missing] = RateWanted.model_validate(lacking.missing)
        else:
            self._used[base, quote, rate.valid_from] = RateUsed.model_validate(rate)

    @property
    def used(self) -> list[RateUsed]:
        return [self._used[key] for key in sorted(self._used)]

    @property
    def wanted(self) -> list[RateWanted]:
        return sorted(self._wanted.values(), key=lambda each: (each.base_currency, each.quote_currency, each.on))
