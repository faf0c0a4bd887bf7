"""Capacity as a heat map: a row for each team and skill, a cell for each week, darker the fuller it is."""

from datetime import date

from services.chassis.drawings.legible import number
from services.chassis.drawings.shapes import Box, Picture, Shape, Writing, shortened, width_of
from services.roadmap.domain.views import LoadView, View, WeekView

# One hue that only darkens, as ColorBrewer's Blues (Harrower and Brewer 2003); what is too full is orange, and says so
# with a mark too, so that nobody needs to tell the hues apart.
STEPS = ((0.0, "#eef3f8"), (0.25, "#c6dbef"), (0.5, "#9ecae1"), (0.75, "#4292c6"), (0.95, "#2171b5"))
OVER, OVER_TEXT = "#d55e00", "#ffffff"
NOBODY = "#dddddd"
NARROW_PX = 640
MARGIN, HEAD, ROW, SMALL, LEGEND = 12.0, 34.0, 24.0, 11.0, 30.0
LEAST_CELL = 17.0


def heat_map(view: View, *, width: float = 1200.0) -> Picture:
    """How full each week is; on a narrow picture as many weeks as can be read."""
    names = width * 0.36 if width < NARROW_PX else 220.0
    room = width - 2 * MARGIN - names
    weeks = min(max((len(load.weeks) for load in view.loads), default=0), int(room // LEAST_CELL))
    cell = min(room / weeks, 40.0) if weeks else LEAST_CELL
    top = LEGEND + HEAD
    shapes: list[Shape] = [*_key(), *_weeks(view, weeks, left=MARGIN + names, cell=cell, top=top)]
    for index, load in enumerate(view.loads):
        y = top + index * ROW
        label = shortened(f"{load.team}, {load.skill}", SMALL + 1, within=names - 8)
        shapes.append(Writing(MARGIN, y + 16, label, SMALL + 1))
        for place, week in enumerate(load.weeks[:weeks]):
            shapes += _cell(load, week, MARGIN + names + place * cell, y, cell)
    if not view.loads:
        shapes.append(Writing(MARGIN, top + 16, "No team has work or people to show.", SMALL + 2, "faint"))
    height = top + max(len(view.loads), 1) * ROW + MARGIN
    return Picture(width, height, f"{view.title}: capacity", _in_words(view), tuple(shapes))


def _weeks(view: View, weeks: int, *, left: float, cell: float, top: float) -> list[Shape]:
    """The months above the weeks in which they begin."""
    shapes: list[Shape] = []
    seen: set[tuple[int, int]] = set()
    free_from = 0.0
    for place, week in enumerate(view.loads[0].weeks[:weeks] if view.loads else ()):
        month = (week.monday.year, week.monday.month)
        label = f"{week.monday:%b}" if week.monday.month > 1 else f"{week.monday:%b} {week.monday.year}"
        x = left + place * cell
        if month not in seen and x >= free_from:
            shapes.append(Writing(x + 2, top - 8, label, SMALL, "faint"))
            free_from = x + width_of(label, SMALL) + 8
        seen.add(month)
    return shapes


def _key() -> list[Shape]:
    shapes: list[Shape] = [Writing(MARGIN, 20, "empty", SMALL, "faint")]
    x = MARGIN + width_of("empty", SMALL) + 8
    for _, colour in STEPS:
        shapes.append(Box(x, 9, 16, 14, colour=colour))
        x += 17
    shapes += [Writing(x + 6, 20, "full", SMALL, "faint"), Box(x + 38, 9, 16, 14, colour=OVER)]
    shapes += [_mark(x + 38, 7.5, 16), Writing(x + 60, 20, "too full", SMALL, "faint")]
    return shapes


def _cell(load: LoadView, week: WeekView, x: float, y: float, cell: float) -> list[Shape]:
    side = cell - 1.5
    colour = colour_of(week)
    hint = f"{load.team}, {load.skill}, week of {_day(week.monday)}: {_days(week)}"
    shapes: list[Shape] = [Box(x, y + 1, side, ROW - 2.5, colour=colour, radius=2, hint=hint)]
    if colour == OVER:
        shapes.append(_mark(x, y, side))
    return shapes


def _mark(x: float, y: float, side: float) -> Box:
    """A white bar, as on a sign that forbids to enter."""
    return Box(x + side / 2 - 4, y + 7 + 3.5, 8, 3, colour=OVER_TEXT)


def colour_of(week: WeekView) -> str:
    """How full the week is, as a colour."""
    if week.load_days > week.capacity_days + 1e-6:
        return OVER
    if not week.capacity_days:
        return NOBODY
    share = week.load_days / week.capacity_days
    return next(colour for least, colour in reversed(STEPS) if share >= least)


def _days(week: WeekView) -> str:
    return f"{number(week.load_days)} of {number(week.capacity_days)} person-days"


def _day(day: date) -> str:
    return f"{day.day} {day:%b} {day.year}"


def _in_words(view: View) -> str:
    full = [
        f"{load.team}, {load.skill}, week of {_day(week.monday)}: {_days(week)}"
        for load in view.loads
        for week in load.weeks
        if week.load_days > week.capacity_days + 1e-6
    ]
    return "Too full: " + "; ".join(full) if full else "No team has more work than it can do."
