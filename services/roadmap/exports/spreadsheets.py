"""A view as CSV (RFC 4180), safe to open in a spreadsheet."""

from collections.abc import Callable

from services.chassis.files import table
from services.roadmap.domain.periods import Period
from services.roadmap.domain.plans import Cost
from services.roadmap.domain.views import ItemView, View
from services.roadmap.exports.words import expectations, outcome

COLUMNS: dict[str, Callable[[ItemView], object]] = {
    "key": lambda item: item.key,
    "feature_id": lambda item: item.feature_id,
    "title": lambda item: item.title,
    "description": lambda item: item.description,
    "column": lambda item: item.column,
    "commitment": lambda item: item.commitment,
    "status": lambda item: item.status,
    "is_pinned": lambda item: None if item.is_pinned is None else str(item.is_pinned).lower(),
    "when": lambda item: item.when,
    "starts_from": lambda item: _first(item.starts),
    "ends_by": lambda item: _last(item.shipped or item.ends),
    "done_by": lambda item: _last(item.done_by),
    "effort_days": lambda item: item.effort_days,
    "cost_minor": lambda item: _amount(item.cost),
    "currency": lambda item: item.cost.currency if item.cost else None,
    "value": lambda item: item.value,
    "teams": lambda item: "; ".join(item.teams),
    "needs": lambda item: "; ".join(item.needs),
    "objectives": lambda item: "; ".join(item.objectives),
    "requirements": lambda item: "; ".join(item.requirements),
    "expected_effects": lambda item: "; ".join(expectations(item)),
    "outcomes": lambda item: "; ".join(map(outcome, item.results)),
}


def spreadsheet(view: View) -> bytes:
    """A line for each feature; what the audience may not see is an empty cell."""
    return table(list(COLUMNS), ([read(item) for read in COLUMNS.values()] for item in view.items))


def _first(period: Period | None) -> str | None:
    return period.first.isoformat() if period else None


def _last(period: Period | None) -> str | None:
    return period.last.isoformat() if period else None


def _amount(cost: Cost | None) -> int | None:
    return cost.amount_minor if cost else None
