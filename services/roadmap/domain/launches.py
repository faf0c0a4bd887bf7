"""The work that a launch usually needs of each function: a start, to be changed by those who know better.

Shortened from what launch guides agree on: who must be told, trained, protected and able to answer.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class UsualPackage:
    """A work package of a template; `needs` are keys of others."""

    key: str
    title: str
    function: str
    effort_days: float
    days_before_launch: int
    needs: tuple[str, ...] = ()
    is_blocking: bool = True


USUAL_LAUNCH: Final = (
    UsualPackage("scope", "Agree on what is in, and for whom", "product", 1, 42),
    UsualPackage("terms", "Check terms, privacy and licences", "legal", 2, 28, ("scope",)),
    UsualPackage("story", "Write the story: for whom, what changes, why now", "marketing", 3, 28, ("scope",)),
    UsualPackage("screens", "Finish screens, texts and pictures", "design", 4, 21, ("scope",)),
    UsualPackage("price", "Decide on price and plans", "finance", 1, 21, ("scope",)),
    UsualPackage("load", "Try it under load, and rehearse the way back", "engineering", 3, 14),
    UsualPackage("docs", "Write documentation and release notes", "product", 3, 10, ("screens",)),
    UsualPackage("campaign", "Prepare announcement and campaign", "marketing", 4, 7, ("story", "screens")),
    UsualPackage("enable", "Train sales, and hand over the materials", "sales", 2, 7, ("story", "price")),
    UsualPackage("support", "Train support, and prepare its answers", "support", 2, 5, ("docs",)),
    UsualPackage("watch", "Set up what is watched after the launch", "engineering", 1, 3, ("load",)),
    UsualPackage("decide", "Decide: go or no go", "product", 0.5, 1, ("terms", "support", "watch")),
)
