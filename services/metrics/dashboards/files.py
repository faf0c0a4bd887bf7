"""A dashboard's state as tables that people take along."""

from collections.abc import Sequence

from services.chassis.files import File, table
from services.metrics.charts.files import as_text
from services.metrics.dashboards.schemas import DashboardFormat, DashboardState, TileState
from services.metrics.domain.axes import plain_number

COLUMNS = (
    *("title", "kpi_id", "unit", "grain", "starts_at", "value", "earlier", "change", "change_ratio", "is_good"),
    *("band_position", "target", "target_due_on", "progress", "pace", "standing", "note"),
)
MEDIA_TYPES = ("text/csv", "text/markdown")
NONE = "-"


def write_dashboard(state: DashboardState, form: DashboardFormat) -> File:
    if form == "csv":
        return File(table(COLUMNS, map(_cells, state.tiles)), "text/csv; charset=utf-8", "dashboard.csv")
    return File(markdown(state).encode(), "text/markdown; charset=utf-8", "dashboard.md")


def markdown(state: DashboardState) -> str:
    """A table with a row for each tile, and the notes below it."""
    lines = [
        f"## {as_text(state.name)}",
        "",
        f"As of {state.as_of:%Y-%m-%d %H:%M} UTC.",
        "",
        "| KPI | latest | change | | target |",
        "|---|---:|---:|---|---|",
        *(f"| {' | '.join(_row(each))} |" for each in state.tiles),
    ]
    notes = [f"- {as_text(each.title)}: {as_text(each.note)}" for each in state.tiles if each.note]
    return "\n".join([*lines, *(["", *notes] if notes else []), ""])


def _row(tile: TileState) -> Sequence[str]:
    if tile.fault is not None:
        return as_text(tile.title), NONE, NONE, as_text(tile.fault), NONE
    latest = NONE if tile.latest is None else f"{_figure(tile.latest.value)} {as_text(tile.unit)}"
    return as_text(tile.title), latest, told_change(tile), told_standing(tile), told_target(tile)


def told_change(tile: TileState) -> str:
    """The change with its sign, in the unit and in percent."""
    if tile.compared is None or tile.compared.change is None:
        return NONE
    share = tile.compared.change_ratio
    sign = "+" if tile.compared.change > 0 else ""
    return f"{sign}{_figure(tile.compared.change)}" + ("" if share is None else f" ({share:+.1%})")


def told_standing(tile: TileState) -> str:
    """Whether the change is for the better, and where the figure lies in its band."""
    said = [] if tile.is_good is None else ["better" if tile.is_good else "worse"]
    if tile.band_position is not None:
        said.append(f"{tile.band_position} its band")
    return ", ".join(said)


def told_target(tile: TileState) -> str:
    if tile.target is None:
        return NONE
    target = tile.target
    way = "" if target.progress is None else f", {target.progress:.0%} of the way"
    return f"{_figure(target.value)} by {target.due_on}{way} ({target.standing.replace('_', ' ')})"


def _figure(value: float | None) -> str:
    return NONE if value is None else plain_number(value)


def _cells(tile: TileState) -> Sequence[object]:
    latest, then, target = tile.latest, tile.compared, tile.target
    return (
        tile.title,
        str(tile.kpi_id),
        tile.unit,
        tile.grain.value,
        latest.starts_at.isoformat() if latest else None,
        latest.value if latest else None,
        *((then.value, then.change, then.change_ratio) if then else (None, None, None)),
        None if tile.is_good is None else str(tile.is_good).lower(),
        tile.band_position,
        *((target.value, target.due_on.isoformat(), target.progress, target.pace) if target else (None,) * 4),
        target.standing if target else None,
        tile.note,
    )
