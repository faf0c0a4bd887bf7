"""Now, next, later: where something stands in a view without dates."""

from datetime import date, timedelta
from typing import Final, Literal

from services.roadmap.domain.states import FeatureStatus

Column = Literal["now", "next", "later", "shipped"]

NEXT_DAYS: Final = 92


def column_of(status: FeatureStatus, horizon: str | None, starts_on: date | None, *, today: date) -> str:
    """Where people put it; else by when it begins: within a quarter is next."""
    if status in {"shipped", "retired"}:
        return "shipped"
    if horizon is not None:
        return horizon
    if status == "in_progress" or (starts_on and starts_on <= today):
        return "now"
    return "next" if starts_on and starts_on <= today + timedelta(days=NEXT_DAYS) else "later"
