"""Budgets, their lines, what was spent or promised; and the constraints that a plan should keep."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.roadmap.models.base import RoadmapBase, owned_by
from services.roadmap.models.links import LinkedRow, linked

ENTRY_KINDS = ("spending", "contract")
MEASURES = ("effort_days", "cost", "value", "features")


class Budget(LinkedRow, RoadmapBase):
    """Money for a period, in one currency; its lines say for what."""

    __tablename__ = "budget"
    __table_args__ = (
        owned_by("product", "product_id", on_delete="RESTRICT"),
        CheckConstraint("starts_on <= ends_on", name="dates"),
        Index(None, "workspace_id", "product_id"),
    )

    product_id: Mapped[UUID | None] = mapped_column()
    name: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    currency: Mapped[str] = mapped_column()
    starts_on: Mapped[date] = mapped_column()
    ends_on: Mapped[date] = mapped_column()
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB)


class BudgetLine(LinkedRow, RoadmapBase):
    """A part of a budget, and what it pays for."""

    __tablename__ = "budget_line"
    __table_args__ = (
        owned_by("budget", "budget_id", on_delete="RESTRICT"),
        UniqueConstraint("workspace_id", "budget_id", "name"),
        CheckConstraint("planned_minor >= 0", name="planned"),
    )

    budget_id: Mapped[UUID] = mapped_column()
    name: Mapped[str] = mapped_column()
    planned_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column()

    @property
    def planned(self) -> dict[str, Any]:
        """As the API writes money."""
        return {"amount_minor": self.planned_minor, "currency": self.currency}

    feature_ids = linked("feature")
    initiative_ids = linked("initiative")
    objective_ids = linked("objective")


class BudgetEntry(LinkedRow, RoadmapBase):
    """Money spent from a line, or promised by contract; never altered: an error is set right by its contrary."""

    __tablename__ = "budget_entry"
    __table_args__ = (
        owned_by("budget", "budget_id", on_delete="RESTRICT"),
        owned_by("budget_line", "line_id", on_delete="RESTRICT"),
        owned_by("feature", "feature_id", on_delete="RESTRICT"),
        owned_by("budget_entry", "contract_id", on_delete="RESTRICT"),
        CheckConstraint(f"kind IN {ENTRY_KINDS!r}", name="kind"),
        CheckConstraint(
            "num_nonnulls(feature_id, contract_id) <= CASE kind WHEN 'spending' THEN 1 ELSE 0 END", name="ends"
        ),
        CheckConstraint(
            "num_nonnulls(paid_minor, paid_currency, exchange_rate, exchange_rate_from) IN (0, 4)", name="paid"
        ),
        Index(None, "workspace_id", "budget_id"),
        Index(None, "workspace_id", "line_id"),
        Index(None, "workspace_id", "feature_id"),
        Index(None, "workspace_id", "contract_id"),
    )

    budget_id: Mapped[UUID] = mapped_column()
    line_id: Mapped[UUID] = mapped_column()
    kind: Mapped[str] = mapped_column()
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column()
    occurred_on: Mapped[date] = mapped_column()
    feature_id: Mapped[UUID | None] = mapped_column()
    contract_id: Mapped[UUID | None] = mapped_column()
    note: Mapped[str | None] = mapped_column()
    paid_minor: Mapped[int | None] = mapped_column(BigInteger)
    paid_currency: Mapped[str | None] = mapped_column()
    exchange_rate: Mapped[Decimal | None] = mapped_column(Numeric)
    exchange_rate_from: Mapped[date | None] = mapped_column()

    @property
    def paid(self) -> dict[str, Any] | None:
        """What it was in another currency; None when it was paid in the budget's."""
        return None if self.paid_minor is None else {"amount_minor": self.paid_minor, "currency": self.paid_currency}

    @property
    def conversion(self) -> dict[str, Any] | None:
        """The rate that it was booked at."""
        if self.exchange_rate is None:
            return None
        return {
            "base": self.paid_currency,
            "quote": self.currency,
            "rate": float(self.exchange_rate),
            "valid_from": self.exchange_rate_from,
        }

    @property
    def amount(self) -> dict[str, Any]:
        """As the API writes money."""
        return {"amount_minor": self.amount_minor, "currency": self.currency}


class Constraint(LinkedRow, RoadmapBase):
    """What a plan should keep: a date for some features, or a share of all work for them."""

    __tablename__ = "plan_constraint"
    __table_args__ = (
        owned_by("roadmap", "roadmap_id", on_delete="RESTRICT"),
        CheckConstraint("num_nonnulls(due_on, share) = 1", name="kind"),
        CheckConstraint("(share IS NULL) = (side IS NULL) AND (share IS NULL) = (measure IS NULL)", name="policy"),
        CheckConstraint("share BETWEEN 0 AND 1", name="share"),
        CheckConstraint("side IN ('at_least', 'at_most')", name="side"),
        CheckConstraint(f"measure IN {MEASURES!r}", name="measure"),
        CheckConstraint("(currency IS NOT NULL) = (measure IS NOT DISTINCT FROM 'cost')", name="currency"),
        Index(None, "workspace_id", "roadmap_id"),
    )

    title: Mapped[str] = mapped_column()
    description: Mapped[str] = mapped_column()
    roadmap_id: Mapped[UUID | None] = mapped_column()
    due_on: Mapped[date | None] = mapped_column()
    side: Mapped[str | None] = mapped_column()
    share: Mapped[Any | None] = mapped_column(Numeric(7, 6))
    measure: Mapped[str | None] = mapped_column()
    currency: Mapped[str | None] = mapped_column()
    attributes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB)

    feature_ids = linked("feature")
    initiative_ids = linked("initiative")
    objective_ids = linked("objective")
    product_ids = linked("product")

    @property
    def policy(self) -> dict[str, Any] | None:
        """The share that it asks for; None when it is about a date."""
        if self.share is None:
            return None
        return {"side": self.side, "share": float(self.share), "measure": self.measure, "currency": self.currency}
