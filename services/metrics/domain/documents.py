"""Finds figures in a JSON document: which items, and where in an item the value, its time and its name are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

MOST_ITEMS = 10_000
LARGEST = 1e15
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Seconds since 1970 reach this in the year 5138, milliseconds reached it in March 1973.
MILLISECONDS_FROM = 1e11


class NotThere(ValueError):
    """What a path names is not in the document."""


@dataclass(frozen=True)
class Paths:
    """Names of members and places in lists, with dots between; an empty path means the thing itself."""

    items: str
    value: str
    time: str | None
    key: str | None
    dimensions: Mapping[str, str]


@dataclass(frozen=True)
class Found:
    """A figure as the document tells it."""

    value: float
    at: datetime
    key: str
    dimensions: Mapping[str, str]


def find_figures(document: Any, paths: Paths, *, now: datetime) -> Iterator[Found | None]:
    """A figure for each item, None for one that says none. Raises NotThere when there are no items, or too many."""
    items = follow(document, paths.items)
    if isinstance(items, dict):
        items = [items]
    if not isinstance(items, list):
        raise NotThere("There is no list at the path of the items.")
    if len(items) > MOST_ITEMS:
        raise NotThere(f"There are more than {MOST_ITEMS} items.")
    for item in items:
        yield _figure(item, paths, now)


def follow(document: Any, path: str) -> Any:
    """What a path leads to. Raises NotThere."""
    for step in path.split(".") if path else ():
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, Sequence) and not isinstance(document, str) and step.isdecimal():
            if int(step) >= len(document):
                raise NotThere(f"There is nothing at {path}.")
            document = document[int(step)]
        else:
            raise NotThere(f"There is nothing at {path}.")
    return document


def _figure(item: Any, paths: Paths, now: datetime) -> Found | None:
    try:
        value = _number(follow(item, paths.value))
        at = now if paths.time is None else _time(follow(item, paths.time))
        key = at.isoformat() if paths.key is None else _text(follow(item, paths.key))
    except NotThere:
        return None
    said = {}
    for name, path in paths.dimensions.items():
        try:
            said[name] = _text(follow(item, path))[:500]
        except NotThere:
            continue
    return Found(value, at, key[:200], said)


def _number(value: Any) -> float:
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        number = None
    if number is None or not isfinite(number) or abs(number) > LARGEST:
        raise NotThere("This is no number.")
    return number


def _time(value: Any) -> datetime:
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        seconds = _number(value)
        return EPOCH + timedelta(seconds=seconds / 1000 if abs(seconds) >= MILLISECONDS_FROM else seconds)
    except (ValueError, OverflowError):
        raise NotThere("This is no time.") from None


def _text(value: Any) -> str:
    if value is None or isinstance(value, dict | list):
        raise NotThere("This is no text.")
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    return text.replace("\x00", "")
