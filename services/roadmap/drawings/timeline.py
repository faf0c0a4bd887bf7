"""A roadmap as a Gantt chart: bars by team, dependencies, today, and whiskers to the P85 of the forecast."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from services.chassis.drawings.shapes import (
    COLOURS,
    GREY,
    Box,
    Picture,
    Shape,
    Stroke,
    Writing,
    shortened,
    width_of,
)
from services.roadmap.domain.views import ItemView, View
from services.roadmap.drawings.scale import Scale

NARROW_PX = 640
HEAD, BAR, TEXT, SMALL = 38.0, 18.0, 13.0, 11.0
MARGIN = 12.0
ROOM_FOR_A_TICK = 22.0
# Where no teams are told, colour says how sure the work is: one hue, the paler the less sure.
SURE = {"committed": "#0072b2", "planned": "#5aa9d6", "exploring": "#5aa9d6"}
MOST_ROWS = 400


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things go: names beside the bars where there is room for both, else above them."""

    width: float
    scale: Scale
    top: float

    @property
    def is_narrow(self) -> bool:
        return self.width < NARROW_PX

    @property
    def row(self) -> float:
        return 46.0 if self.is_narrow else 32.0

    def bar_top(self, index: int) -> float:
        return self.top + index * self.row + (22.0 if self.is_narrow else 7.0)


def timeline(view: View, *, width: float = 1200.0) -> Picture:
    """Everything of the view that has a time to tell, what begins first on top."""
    items = _dated(view)
    colours = team_colours(view)
    legend = _legend(_named(colours, items), width=width)
    layout = Layout(width, _scale(view, items, width=width), top=legend[1] + HEAD)
    bottom = layout.top + max(len(items), 1) * layout.row + 6
    shapes: list[Shape] = [*_grid(layout, bottom), *legend[0]]
    shapes += _dependencies(items, layout)
    shapes += _today(view.as_of, layout, len(items), bottom)
    for index, item in enumerate(items):
        shapes += _row(item, index, layout, colours)
    if not items:
        shapes.append(Writing(MARGIN, layout.top + 20, "Nothing here has a date yet.", TEXT, "faint"))
    return Picture(width, bottom + 8, f"{view.title}: timeline", _in_words(items), tuple(shapes))


def team_colours(view: View) -> dict[str, str]:
    """A colour for each team, in the order of their names."""
    teams = sorted({team for item in view.items for team in item.teams} | {load.team for load in view.loads})
    return {team: COLOURS[index % len(COLOURS)] for index, team in enumerate(teams)}


def span_of(item: ItemView) -> tuple[date, date] | None:
    """The first and last day that its bar covers."""
    if item.shipped:
        return min(item.starts or item.shipped, item.shipped).first, item.shipped.last
    begin, end = item.starts or item.ends, item.ends or item.starts
    return (begin.first, end.last) if begin and end else None


def _dated(view: View) -> list[ItemView]:
    dated = [(span, item) for item in view.items if (span := span_of(item))]
    return [item for _, item in sorted(dated, key=lambda pair: (pair[0], pair[1].title, pair[1].key))][:MOST_ROWS]


def _scale(view: View, items: Sequence[ItemView], *, width: float) -> Scale:
    days = [day for item in items for day in span_of(item) or ()]
    days += [item.done_by.last for item in items if item.done_by]
    days.append(view.as_of)
    first = min(days).replace(day=1)
    # A hair of room at the right, so that the last bar is seen to end.
    last = max(days)
    last = last + timedelta(days=max(2, (last - first).days // 50)) if last.year < date.max.year else last
    longest = max((width_of(item.title, TEXT) for item in items), default=0.0)
    names = 0.0 if width < NARROW_PX else min(longest + 8, width * 0.3)
    return Scale(first, last, MARGIN + names, width - MARGIN)


def _grid(layout: Layout, bottom: float) -> list[Shape]:
    shapes: list[Shape] = []
    for index, (left, right, label) in enumerate(layout.scale.marks()):
        if index % 2 == 0:
            shapes.append(Box(left, layout.top - HEAD, right - left, bottom - layout.top + HEAD, "band"))
        if right - left >= width_of(label, SMALL) + 8:
            shapes.append(Writing(left + 5, layout.top - 10, label, SMALL, "faint"))
    shapes.append(Stroke(((layout.scale.left, layout.top), (layout.scale.right, layout.top)), "line"))
    return shapes


def _named(colours: dict[str, str], items: Sequence[ItemView]) -> list[tuple[str, Box]]:
    """What the bars' colours stand for: teams, or how sure the work is where no teams are told."""
    if any(item.teams for item in items):
        return [(team, Box(0, 0, 11, 11, colour=colour, radius=2)) for team, colour in colours.items()]
    told = {item.commitment for item in items}
    return [(each, replace(_bar(each, SURE[each]), width=11, height=11, radius=2)) for each in SURE if each in told]


def _bar(commitment: str, colour: str) -> Box:
    """How a bar looks: what is only explored is pale and dashed."""
    is_idea = commitment == "exploring"
    return Box(0, 0, 0, 0, colour=colour, is_dashed=is_idea, opacity=0.3 if is_idea else 1.0)


def _legend(entries: Sequence[tuple[str, Box]], *, width: float) -> tuple[list[Shape], float]:
    """Names of the colours, in as many lines as they need, and where they end."""
    shapes: list[Shape] = []
    x, y = MARGIN, 18.0
    for text, box in entries:
        name = shortened(text, SMALL, within=180)
        room = width_of(name, SMALL) + 34
        if x > MARGIN and x + room > width - MARGIN:
            x, y = MARGIN, y + 18
        shapes += [replace(box, x=x, y=y - 9), Writing(x + 16, y, name, SMALL, "faint")]
        x += room
    return shapes, y + 8 if entries else 4.0


def _row(item: ItemView, index: int, layout: Layout, colours: dict[str, str]) -> list[Shape]:
    span = span_of(item)
    if span is None:
        return []
    scale, y = layout.scale, layout.bar_top(index)
    left = scale.at(span[0])
    right = max(scale.after(span[1]), left + 4)
    shapes: list[Shape] = [_name(item, y, layout)]
    parts = item.teams or ("",)
    height = BAR / len(parts)
    for place, team in enumerate(parts):
        shapes.append(
            replace(
                _bar(item.commitment, colours.get(team, GREY) if colours else SURE[item.commitment]),
                x=left,
                y=y + place * height,
                width=right - left,
                height=height,
                radius=3 if len(parts) == 1 else 0,
                hint=_hint(item),
            )
        )
    if item.done_by:
        shapes += _whisker(right, scale.after(item.done_by.last), y + BAR / 2)
    if item.column == "shipped" and right - left >= ROOM_FOR_A_TICK:
        shapes.append(_tick(left, y))
    return shapes


def _name(item: ItemView, y: float, layout: Layout) -> Writing:
    if layout.is_narrow:
        return Writing(MARGIN, y - 6, shortened(item.title, TEXT, within=layout.width - 2 * MARGIN), TEXT)
    return Writing(MARGIN, y + 13, shortened(item.title, TEXT, within=layout.scale.left - MARGIN - 6), TEXT)


def _whisker(left: float, right: float, y: float) -> list[Shape]:
    return [
        Stroke(((left, y), (right, y)), "ink", 1.5),
        Stroke(((right, y - 5), (right, y + 5)), "ink", 1.5),
    ]


def _tick(left: float, y: float) -> Stroke:
    return Stroke(((left + 5, y + 9), (left + 9, y + 13), (left + 15, y + 5)), "paper", 2.0)


def _today(today: date, layout: Layout, rows: int, bottom: float) -> list[Shape]:
    """A line through all rows; where names stand above their bars, it leaves them out."""
    x = layout.scale.at(today)
    parts = [(layout.top - 8, bottom)]
    if layout.is_narrow and rows:
        beside = [(layout.bar_top(index) - 2, layout.bar_top(index) + BAR + 3) for index in range(rows)]
        parts = [(layout.top - 8, layout.top + 4), *beside]
    anchor: Literal["start", "end"] = "end" if x > layout.width - 60 else "start"
    place = x - 5 if anchor == "end" else x + 5
    return [
        *(Stroke(((x, begin), (x, end)), "today", 1.5) for begin, end in parts),
        Writing(place, layout.top - HEAD + 9, "today", SMALL, "today", anchor),
    ]


def _dependencies(items: Sequence[ItemView], layout: Layout) -> list[Shape]:
    places = {item.key: (index, span) for index, item in enumerate(items) if (span := span_of(item))}
    shapes: list[Shape] = []
    for item in items:
        index, span = places[item.key]
        for needed in item.needs:
            if needed not in places:
                continue
            other, other_span = places[needed]
            shapes.append(
                _arrow(
                    (layout.scale.after(other_span[1]), layout.bar_top(other) + BAR / 2),
                    (layout.scale.at(span[0]), layout.bar_top(index) + BAR / 2),
                )
            )
    return shapes


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> Stroke:
    """Down beside the bars where the second begins after the first, else around its beginning."""
    (x, y), (to_x, to_y) = start, end
    if to_x >= x + 14:
        points: tuple[tuple[float, float], ...] = (start, (x + 6, y), (x + 6, to_y), end)
    else:
        turn = y + (13.0 if to_y > y else -13.0)
        points = (start, (x + 6, y), (x + 6, turn), (to_x - 10, turn), (to_x - 10, to_y), end)
    return Stroke(points, "faint", 1.2, has_arrow=True)


def _hint(item: ItemView) -> str:
    forecast = f"; done by {item.done_by.label} in 85 of 100 forecasts" if item.done_by else ""
    teams = f" ({', '.join(item.teams)})" if item.teams else ""
    return f"{item.title}{teams}: {item.when}{forecast}"


def _in_words(items: Sequence[ItemView]) -> str:
    return "; ".join(_hint(item) for item in items) or "Nothing has a date."
