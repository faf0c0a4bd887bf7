"""Where the words that were asked for stand in a text."""

from dataclasses import dataclass

START, STOP = "\ue000", "\ue001"
"""Private-use characters: what is looked through holds none of them, they are taken out first."""
WINDOW = 240


@dataclass(frozen=True)
class Span:
    """Offsets in Unicode code points: the first, and the one behind the last."""

    start: int
    end: int


def spans(marked: str) -> list[Span]:
    """The marked places, as offsets into the text without its marks."""
    found, taken, opened = [], 0, 0
    for place, character in enumerate(marked):
        if character == START:
            opened, taken = place - taken, taken + 1
        elif character == STOP:
            found.append(Span(opened, place - taken))
            taken += 1
    return found


def excerpt(text: str, places: list[Span], *, window: int = WINDOW) -> Span:
    """The part of the text to show: around the first place, else its beginning; cut between words where it can be."""
    middle = places[0].start if places else 0
    start = max(0, min(middle - window // 4, len(text) - window))
    if start > 0:
        start = text.find(" ", start, middle) + 1 or start
    end = min(len(text), start + window)
    if end < len(text):
        cut = text.rfind(" ", start + window // 2, end)
        end = cut if cut > 0 else end
    return Span(start, end)
