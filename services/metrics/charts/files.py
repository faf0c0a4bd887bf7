"""A chart in each form that it can be had in."""

from collections.abc import Callable, Mapping
from typing import Final, Literal

import msgspec

from services.chassis.drawings.svg import STYLE_SOURCE, svg
from services.chassis.files import File, table
from services.metrics.charts.content import ChartContent
from services.metrics.charts.drawing import chart
from services.metrics.charts.vega import specification
from services.metrics.domain.axes import plain_number

ChartFormat = Literal["vega_lite", "svg", "csv", "markdown"]
PICTURE_POLICY = f"default-src 'none'; style-src {STYLE_SOURCE}"
COLUMNS = ("starts_at", "ends_at", "value", "measurements", "is_out_of_the_ordinary")

Write = Callable[[ChartContent, int], File]


def _vega_lite(content: ChartContent, _width: int) -> File:
    return File(msgspec.json.encode(specification(content)), "application/json", "chart.json")


def _svg(content: ChartContent, width: int) -> File:
    drawn = svg(chart(content, width=width), name="chart")
    return File(drawn.encode(), "image/svg+xml", "chart.svg", PICTURE_POLICY)


def _csv(content: ChartContent, _width: int) -> File:
    rows = [
        (
            point.starts_at.isoformat(),
            point.ends_at.isoformat(),
            point.value,
            point.measurements,
            str(point.is_odd).lower(),
        )
        for point in content.points
    ]
    return File(table(COLUMNS, rows), "text/csv; charset=utf-8", "series.csv")


def _markdown(content: ChartContent, _width: int) -> File:
    lines = [f"## {as_text(content.name)}", "", f"| period | {as_text(content.unit)} | |", "|---|---:|---|"]
    for point in content.points:
        figure = "" if point.value is None else plain_number(point.value)
        lines.append(
            f"| {content.label_of(point.starts_at)} | {figure} | {'out of the ordinary' if point.is_odd else ''} |"
        )
    if content.targets:
        lines += [
            "",
            *(f"- {as_text(each.name)}: {each.goal} by {each.due_on}" for each in content.targets),
        ]
    return File("\n".join([*lines, ""]).encode(), "text/markdown; charset=utf-8", "series.md")


def as_text(text: str) -> str:
    """Text that stays text within a table of Markdown (CommonMark 2.4: any punctuation may be escaped)."""
    return "".join(f"\\{each}" if each in "\\`*_[]<>#|~&" else each for each in " ".join(text.split()))


FORMS: Final[Mapping[ChartFormat, Write]] = {
    "vega_lite": _vega_lite,
    "svg": _svg,
    "csv": _csv,
    "markdown": _markdown,
}
MEDIA_TYPES = ("application/json", "image/svg+xml", "text/csv", "text/markdown")


def write_chart(content: ChartContent, form: ChartFormat, *, width: int) -> File:
    return FORMS[form](content, width)
