"""Turns the changes that a caller names into those that a problem understands."""

from datetime import date
from typing import Any

from services.roadmap.domain.calendars import TENTHS
from services.roadmap.domain.inquiries.changes import (
    Change,
    Demanded,
    Forbidden,
    Freed,
    MoreBudget,
    MorePeople,
    OtherDeadline,
)
from services.roadmap.optimization.timetable import deadline_week
from services.roadmap.optimization.units import UNITS


def changes_of(written: dict[str, Any], *, first: date | None) -> list[Change]:
    """What one written change means; `first` is a day in the first week of a schedule, None for a selection."""
    match written["kind"]:
        case "budget":
            return [MoreBudget(written["name"], round(written["more"] * UNITS[written["name"]]))]
        case "people":
            return [MorePeople(written["team_id"], written["skill"], round(written["more"] * TENTHS))]
        case "deadline":
            day = written["deadline"] and date.fromisoformat(written["deadline"])
            return [OtherDeadline(written["feature_id"], deadline_week(day, first) if day and first else None)]
        case _:
            return _said_of(written["feature_id"], written["rule"])


def _said_of(feature: str, rule: str) -> list[Change]:
    """A new rule replaces whatever was said of the feature."""
    match rule:
        case "required":
            return [Freed(feature), Demanded(feature)]
        case "excluded":
            return [Freed(feature), Forbidden(feature)]
        case _:
            return [Freed(feature)]
