"""What is new for an audience since it was last told: only of what it may see now, and in today's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.roadmap.domain.periods import Period
from services.roadmap.domain.views import GoalView, ItemView, ResultView, View


@dataclass(frozen=True, slots=True)
class Moved:
    """A feature whose time is another one than was told; which one was told before is not repeated."""

    item: ItemView
    is_later: bool


@dataclass(frozen=True, slots=True)
class News:
    """What changed. Of what is no longer shown only the number is told: its name may be the very thing to be hidden."""

    shipped: tuple[ItemView, ...] = ()
    achieved: tuple[tuple[ItemView, ResultView], ...] = ()
    begun: tuple[ItemView, ...] = ()
    added: tuple[ItemView, ...] = ()
    moved: tuple[Moved, ...] = ()
    goals: tuple[GoalView, ...] = ()
    gone: int = 0

    @property
    def is_empty(self) -> bool:
        return self == News()


def told_of(view: View) -> dict[str, Any]:
    """What an audience knows once it has seen this view, as plain values to be kept until the next time."""
    return {
        "items": {
            item.key: {
                "column": item.column,
                "ends": _plain(_time(item)),
                "results": sorted(f"{each.kpi}: {each.verdict}" for each in item.results),
            }
            for item in view.items
        },
        "goals": {goal.title: _stage(goal) for goal in view.goals},
    }


def news_of(told: Mapping[str, Any], view: View) -> News:
    """What the view has that was not told. `told` comes from `told_of`, or is empty for the first time."""
    items, goals = told.get("items", {}), told.get("goals", {})
    known = [(item, items[item.key]) for item in view.items if item.key in items]
    unknown = [item for item in view.items if item.key not in items]
    keys = {item.key for item in view.items}
    return News(
        shipped=tuple(item for item in view.column("shipped") if items.get(item.key, {}).get("column") != "shipped"),
        achieved=tuple(
            (item, result)
            for item in view.items
            for result in item.results
            if f"{result.kpi}: {result.verdict}" not in items.get(item.key, {}).get("results", ())
        ),
        begun=tuple(item for item, before in known if item.column == "now" and before["column"] in {"next", "later"}),
        added=tuple(item for item in unknown if item.column != "shipped"),
        moved=tuple(
            Moved(item, is_later) for item, before in known if (is_later := _is_later(before["ends"], item)) is not None
        ),
        goals=tuple(goal for goal in view.goals if goals.get(goal.title) != _stage(goal)),
        gone=sum(key not in keys and before["column"] != "shipped" for key, before in items.items()),
    )


def _time(item: ItemView) -> Period | None:
    return None if item.shipped else item.ends or item.starts


def _is_later(before: list[str] | None, item: ItemView) -> bool | None:
    """Whether it moved back; None when it did not move. Told more or less exactly than before is no move."""
    now = _time(item)
    if before is None or now is None:
        return None
    first, last = map(date.fromisoformat, before)
    if now.first > last:
        return True
    return False if now.last < first else None


def _plain(period: Period | None) -> list[str] | None:
    return [period.first.isoformat(), period.last.isoformat()] if period else None


def _stage(goal: GoalView) -> str:
    return f"{goal.status} {0 if goal.progress is None else round(100 * goal.progress)}"
