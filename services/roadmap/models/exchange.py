"""Rates at which money is converted, as people enter them."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.roadmap.models.base import RoadmapBase
from services.roadmap.models.links import LinkedRow


class ExchangeRate(LinkedRow, RoadmapBase):
    """One unit of `base_currency` is worth `rate` of `quote_currency`, until a later rate of the two holds."""

    __tablename__ = "exchange_rate"
    __table_args__ = (
        UniqueConstraint("workspace_id", "base_currency", "quote_currency", "valid_from", name="uq_exchange_rate_pair"),
        CheckConstraint("rate > 0", name="rate"),
        CheckConstraint("base_currency <> quote_currency", name="currencies"),
    )

    base_currency: Mapped[str] = mapped_column()
    quote_currency: Mapped[str] = mapped_column()
    rate: Mapped[Decimal] = mapped_column(Numeric)
    valid_from: Mapped[date] = mapped_column()
    source: Mapped[str | None] = mapped_column()
