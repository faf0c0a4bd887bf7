"""How every benchmark speaks: one line per figure, `name value goal ratio-to`, on standard output.

    gateway_get_per_s 5210 >=0.6x 0.641:direct_get_per_s
    ready_again_s     6.9  <=8    -

`goal` is what the figure should reach, `ratio-to` is the figure divided by the one that it is compared with, by name;
`-` stands where there is none. Lines that begin with `#` are words for the reader.
"""

import os
import statistics
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

WINDOWS = 10


@dataclass(frozen=True)
class Figure:
    """One published number; `at_least` and `at_most` are its goal, `against` is what it is divided by."""

    name: str
    value: float
    at_least: float | None = None
    at_most: float | None = None
    against: "Figure | None" = None
    least_ratio: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.against.value if self.against and self.against.value else None

    @property
    def is_reached(self) -> bool:
        """Whether every goal that was set is met."""
        ratio = self.ratio
        return (
            (self.at_least is None or self.value >= self.at_least)
            and (self.at_most is None or self.value <= self.at_most)
            and (self.least_ratio is None or (ratio is not None and ratio >= self.least_ratio))
        )

    def line(self) -> str:
        ratio = f"{self.ratio:.3g}:{self.against.name}" if self.against and self.ratio is not None else "-"
        return f"{self.name} {written(self.value)} {self._goal()} {ratio}"

    def _goal(self) -> str:
        if self.least_ratio is not None:
            return f">={written(self.least_ratio)}x"
        if self.at_least is not None:
            return f">={written(self.at_least)}"
        return f"<={written(self.at_most)}" if self.at_most is not None else "-"


def written(value: float) -> str:
    """Three significant digits, and whole numbers whole."""
    if float(value).is_integer() or abs(value) >= 1000:
        return str(round(value))
    return f"{value:.3g}"


def report(figure: Figure) -> Figure:
    """Print the figure at once, and answer it, so that later ones can be compared with it."""
    sys.stdout.write(f"{figure.line()}\n")
    sys.stdout.flush()
    return figure


def remark(text: str) -> None:
    """Print words that belong to the figures."""
    for line in text.splitlines():
        sys.stdout.write(f"# {line}\n")
    sys.stdout.flush()


def remark_load(when: str) -> None:
    """Print the load average: a figure from a busy machine says so itself."""
    one, five, fifteen = os.getloadavg()
    remark(f"load average {when}: {one:.2f} {five:.2f} {fifteen:.2f} on {os.cpu_count()} cores")


async def median_of_windows(measure: Callable[[], Awaitable[float]], *, windows: int = WINDOWS) -> float:
    """The median of that many measurements, one after the other."""
    return statistics.median([await measure() for _ in range(windows)])


async def medians_in_turn(measures: Sequence[Callable[[], Awaitable[float]]], *, windows: int = WINDOWS) -> list[float]:
    """The medians of several measurements taken in turn, so that a slow minute of the machine falls on all of them."""
    rounds = [[await measure() for measure in measures] for _ in range(windows)]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def exit_code(figures: Iterable[Figure]) -> int:
    """0 when every goal is met."""
    return 0 if all(figure.is_reached for figure in figures) else 1
