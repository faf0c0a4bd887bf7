"""What pictures are made of: a few shapes, sized in pixels, coloured by what they mean."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Ink = Literal["ink", "faint", "line", "band", "today", "paper"]
"""What a colour is for; how it looks depends on paper or screen, light or dark."""

# Okabe and Ito, "Color Universal Design" (2008): told apart with every common kind of colour blindness. Their black is
# left to the text, and their yellow is darkened, which is too pale to be seen as a bar on white.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a500")
GREY = "#7f7f7f"

# Widths of a wide sans serif (DejaVu Sans), as a part of the size: what fits in it fits in Helvetica too.
NARROW, WIDE, USUAL = 0.34, 0.95, 0.60


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; `colour` or else `ink` fills it, `hint` is what a pointer or a screen reader is told."""

    x: float
    y: float
    width: float
    height: float
    ink: Ink = "band"
    colour: str | None = None
    is_dashed: bool = False
    opacity: float = 1.0
    radius: float = 0.0
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through points."""

    points: tuple[tuple[float, float], ...]
    ink: Ink = "line"
    width: float = 1.0
    is_dashed: bool = False
    has_arrow: bool = False


@dataclass(frozen=True, slots=True)
class Writing:
    """A text on its base line."""

    x: float
    y: float
    text: str
    size: float = 12.0
    ink: Ink = "ink"
    anchor: Literal["start", "middle", "end"] = "start"
    is_bold: bool = False


Shape = Box | Stroke | Writing


@dataclass(frozen=True, slots=True)
class Picture:
    """Shapes from back to front, with the words that stand for them where they cannot be seen."""

    width: float
    height: float
    title: str
    description: str
    shapes: tuple[Shape, ...]

    def writings(self) -> Iterator[Writing]:
        return (shape for shape in self.shapes if isinstance(shape, Writing))


def width_of(text: str, size: float) -> float:
    """About how wide a text is."""
    return size * sum(_width_of(each) for each in text)


def shortened(text: str, size: float, *, within: float) -> str:
    """The text, cut with an ellipsis where it does not fit."""
    if width_of(text, size) <= within:
        return text
    room, kept = within - size * USUAL * 1.3, 0
    for each in text:
        room -= size * _width_of(each)
        if room < 0:
            break
        kept += 1
    return text[:kept].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def _width_of(character: str) -> float:
    if character in "iljtfrI.,:;'|! ()[]":
        return NARROW
    if character in "mwMW@%" or ord(character) > 0x2E80:
        return WIDE if ord(character) < 0x2E80 else 1.0
    return 0.70 if character.isupper() else USUAL
