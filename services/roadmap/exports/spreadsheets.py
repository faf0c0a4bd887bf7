"""A view as CSV (RFC 4180), safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Callable

from services.roadmap.domain.periods import Period
from services.roadmap.domain.plans import Cost
from services.roadmap.domain.views import ItemView, View
from services.roadmap.exports.words import expectations, outcome

# OWASP, "CSV Injection": a cell that begins so is run as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

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
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    for item in view.items:
        lines.writerow([_cell(read(item)) for read in COLUMNS.values()])
    return text.getvalue().encode()


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return "" if value is None else value
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value


def _first(period: Period | None) -> str | None:
    return period.first.isoformat() if period else None


def _last(period: Period | None) -> str | None:
    return period.last.isoformat() if period else None


def _amount(cost: Cost | None) -> int | None:
    return cost.amount_minor if cost else None
