"""A chart as a picture of our own: a line over a band, with targets, launches and what was out of the ordinary."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Literal

from services.chassis.drawings.shapes import COLOURS, Box, Picture, Shape, Stroke, Writing, shortened, width_of
from services.metrics.charts.content import ChartContent, ChartPoint
from services.metrics.domain.axes import plain_number, round_marks, spread_out

HEIGHT, HEAD, FOOT, MARGIN = 340.0, 64.0, 34.0, 14.0
TITLE, TEXT, SMALL = 16.0, 13.0, 11.0
DOT, ODD = 5.0, 9.0
ROOM_FOR_A_DOT = 8.0
NO_FIGURE = "no figure"

ODD_COLOUR = COLOURS[5]
TARGET_COLOUR = COLOURS[2]


@dataclass(frozen=True, slots=True)
class Frame:
    """The room that the line is drawn in, and how moments and figures become places there."""

    left: float
    right: float
    top: float
    bottom: float
    begin: datetime
    end: datetime
    low: float
    high: float

    def x(self, moment: datetime) -> float:
        share = (moment - self.begin) / (self.end - self.begin)
        return self.left + (self.right - self.left) * min(1.0, max(0.0, share))

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.bottom - (self.bottom - self.top) * min(1.0, max(0.0, share))


def chart(content: ChartContent, *, width: float = 900.0) -> Picture:
    """The picture; without a figure it says so."""
    marks = _marks(content)
    frame = _frame(content, marks, width)
    shapes: list[Shape] = [
        Writing(MARGIN, 26, shortened(content.name, TITLE, within=width - 2 * MARGIN), TITLE, is_bold=True),
        Writing(MARGIN, 46, shortened(_now(content), TEXT, within=width - 2 * MARGIN), TEXT, "faint"),
        *_grid(frame, marks),
        *_band(content, frame),
        *_times(content, frame),
        *_targets(content, frame),
        *_launches(content, frame),
        *_line(content, frame),
    ]
    if not any(point.value is not None for point in content.points):
        shapes.append(
            Writing((frame.left + frame.right) / 2, HEIGHT / 2, "Nothing measured yet", TEXT, "faint", "middle")
        )
    return Picture(width, HEIGHT, f"{content.name}: chart", _in_words(content), tuple(shapes))


def _now(content: ChartContent) -> str:
    known = [point for point in content.points if point.value is not None]
    if not known or known[-1].value is None:
        return content.unit
    return f"{plain_number(known[-1].value)} {content.unit} on {content.label_of(known[-1].starts_at)}"


def _marks(content: ChartContent) -> list[float]:
    figures = [point.value for point in content.points if point.value is not None]
    figures += [target.value for target in content.targets]
    ranges = [content.band, *(target.limits for target in content.targets)]
    figures += [end for each in ranges if each for end in (each.low, each.high)]
    return round_marks(min(figures), max(figures)) if figures else [0.0, 1.0]


def _frame(content: ChartContent, marks: Sequence[float], width: float) -> Frame:
    left = MARGIN + max(width_of(plain_number(mark), SMALL) for mark in marks) + 8
    points = content.points
    begin = points[0].starts_at if points else datetime(2000, 1, 1, tzinfo=UTC)
    end = points[-1].ends_at if points else datetime(2000, 1, 2, tzinfo=UTC)
    return Frame(left, width - MARGIN, HEAD, HEIGHT - FOOT, begin, end, marks[0], marks[-1])


def _grid(frame: Frame, marks: Sequence[float]) -> Iterator[Shape]:
    for mark in marks:
        y = frame.y(mark)
        yield Stroke(((frame.left, y), (frame.right, y)), "band")
        yield Writing(frame.left - 6, y + 4, plain_number(mark), SMALL, "faint", "end")


def _band(content: ChartContent, frame: Frame) -> Iterator[Shape]:
    if content.band is not None:
        low, high = content.band.low, content.band.high
        top = frame.y(high)
        hint = f"the band: {plain_number(low)} to {plain_number(high)}"
        height = frame.y(low) - top
        yield Box(frame.left, top, frame.right - frame.left, height, colour=TARGET_COLOUR, opacity=0.14, hint=hint)


def _times(content: ChartContent, frame: Frame) -> Iterator[Shape]:
    labels = [content.label_of(point.starts_at) for point in content.points]
    half = max((width_of(label, SMALL) for label in labels), default=0.0) / 2
    places = [min(max(frame.x(_middle(point)), frame.left + half), frame.right - half) for point in content.points]
    for place in spread_out(places, apart=2 * half + 14):
        yield Writing(places[place], HEIGHT - 12, labels[place], SMALL, "faint", "middle")


def _targets(content: ChartContent, frame: Frame) -> Iterator[Shape]:
    for target in content.targets:
        y = top = frame.y(target.value)
        begin = frame.x(datetime.combine(target.starts_on, time(), tzinfo=content.zone))
        end = frame.x(datetime.combine(target.due_on, time(), tzinfo=content.zone))
        if end <= begin:
            continue
        if target.limits is not None:
            top, bottom = frame.y(target.limits.high), frame.y(target.limits.low)
            hint = f"{target.name}: {target.goal}"
            yield Box(begin, top, end - begin, bottom - top, colour=TARGET_COLOUR, opacity=0.1, hint=hint)
        yield Stroke(((begin, y), (end, y)), "ink", 1.5, is_dashed=True)
        label = shortened(f"{target.name}: {target.goal}", SMALL, within=end - begin)
        yield Writing(end, top - 5 if top > frame.top + 16 else y + 14, label, SMALL, "ink", "end")


def _launches(content: ChartContent, frame: Frame) -> Iterator[Shape]:
    for launch in content.launches:
        if frame.begin <= launch.shipped_at < frame.end:
            x = frame.x(launch.shipped_at)
            words = f"launch: {launch.verdict.replace('_', ' ')}" if launch.verdict else "launch"
            is_late = x + width_of(words, SMALL) + 4 > frame.right
            anchor: Literal["start", "end"] = "end" if is_late else "start"
            yield Stroke(((x, frame.top - 4), (x, frame.bottom)), "today", 1.2, is_dashed=True)
            yield Writing(x - 4 if is_late else x + 4, frame.bottom - 6, words, SMALL, "today", anchor)


def _line(content: ChartContent, frame: Frame) -> Iterator[Shape]:
    """Broken where there is no figure; a figure between two gaps is a dot, or it would not be seen."""
    for run in _runs(content.points):
        places = tuple((frame.x(_middle(point)), frame.y(point.value or 0.0)) for point in run)
        if len(places) > 1:
            yield Stroke(places, "ink", 1.8)
    is_dotted = (frame.right - frame.left) >= ROOM_FOR_A_DOT * len(content.points)
    for run in _runs(content.points):
        for point in run:
            if point.is_odd or is_dotted or len(run) == 1:
                yield _dot(content, frame, point)


def _dot(content: ChartContent, frame: Frame, point: ChartPoint) -> Box:
    size = ODD if point.is_odd else DOT
    x, y = frame.x(_middle(point)), frame.y(point.value or 0.0)
    hint = f"{content.label_of(point.starts_at)}: {plain_number(point.value or 0.0)} {content.unit}"
    if point.is_odd:
        hint += ", out of the ordinary"
    colour = ODD_COLOUR if point.is_odd else None
    return Box(x - size / 2, y - size / 2, size, size, "ink", colour, radius=size / 2, hint=hint)


def _runs(points: Sequence[ChartPoint]) -> Iterator[list[ChartPoint]]:
    run: list[ChartPoint] = []
    for point in points:
        if point.value is not None:
            run.append(point)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _middle(point: ChartPoint) -> datetime:
    return point.starts_at + (point.ends_at - point.starts_at) / 2


def _in_words(content: ChartContent) -> str:
    """What a reader who sees no picture is told."""
    said = [
        f"{content.label_of(point.starts_at)} "
        + (NO_FIGURE if point.value is None else plain_number(point.value))
        + (" (out of the ordinary)" if point.is_odd else "")
        for point in content.points
    ]
    said += [f"target {target.name} {target.goal} by {target.due_on}" for target in content.targets]
    said += [f"launch on {content.label_of(launch.shipped_at)}" for launch in content.launches]
    return f"{content.name} in {content.unit}: " + ("; ".join(said) or "nothing measured")
