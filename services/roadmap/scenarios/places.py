"""Where features stand, between rows, kept documents and the domain's states."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from services.roadmap.domain.diff import Place


class Row(Protocol):
    """A feature's place as a row keeps it."""

    @property
    def feature_id(self) -> UUID: ...
    @property
    def horizon(self) -> str | None: ...
    @property
    def starts_on(self) -> date | None: ...
    @property
    def ends_on(self) -> date | None: ...
    @property
    def is_pinned(self) -> bool: ...


def place_of(row: Row) -> Place:
    return Place(row.horizon, row.starts_on, row.ends_on, row.is_pinned)


def state_of(rows: Iterable[Row]) -> dict[str, Place]:
    """The state that the rows make up."""
    return {str(row.feature_id): place_of(row) for row in rows}


def fields_of(place: Place) -> dict[str, Any]:
    """A place as a row's columns."""
    return {
        "horizon": place.horizon,
        "starts_on": place.starts_on,
        "ends_on": place.ends_on,
        "is_pinned": place.is_pinned,
    }


def kept(state: Mapping[str, Place]) -> list[dict[str, Any]]:
    """A state as it is kept in a document."""
    return [
        {
            "feature_id": feature,
            "horizon": place.horizon,
            "starts_on": _iso(place.starts_on),
            "ends_on": _iso(place.ends_on),
            "is_pinned": place.is_pinned,
        }
        for feature, place in sorted(state.items())
    ]


def read(places: Sequence[Mapping[str, Any]]) -> dict[str, Place]:
    """The state that was kept."""
    return {
        each["feature_id"]: Place(each["horizon"], _day(each["starts_on"]), _day(each["ends_on"]), each["is_pinned"])
        for each in places
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
