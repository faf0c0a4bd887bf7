"""What an audience may see of a plan, and the usual for the four that every company has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from services.roadmap.domain.periods import Precision
from services.roadmap.domain.states import FeatureStatus

AudienceKind = Literal["team", "executive", "customer", "investor"]
Commitment = Literal["committed", "planned", "exploring"]
Detail = Literal[
    "ids",
    "summary",
    "vision",
    "description",
    "status",
    "pins",
    "teams",
    "effort",
    "cost",
    "value",
    "dependencies",
    "requirements",
    "objectives",
    "key_results",
    "expected_effects",
    "outcomes",
    "forecast",
    "capacity",
]

DETAILS: Final[frozenset[Detail]] = frozenset(get_args(Detail))
FIRMEST_FIRST: Final[tuple[Commitment, ...]] = get_args(Commitment)
COMMITMENT_OF: Final[Mapping[FeatureStatus, Commitment]] = {
    "shipped": "committed",
    "in_progress": "committed",
    "planned": "planned",
    "proposed": "exploring",
    "on_hold": "exploring",
}
INTENTION = "This is what we intend today. Plans change as we learn: please do not base a purchase on them."
FORWARD_LOOKING = (
    "This page contains forward-looking statements. They reflect intentions and estimates of the day they were made, "
    "and actual results may differ."
)


@dataclass(frozen=True, slots=True)
class Wording:
    """What an audience reads of one feature instead of the team's words; hidden: nothing at all."""

    title: str | None = None
    description: str | None = None
    is_hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """How an audience sees plans.

    `dated_days`: what begins or ends later than so many days from today has no date. `is_worded_only`: only features
    that have words of their own for this audience are shown. `salt` makes the keys of this audience its own.
    """

    name: str
    kind: AudienceKind
    shows: frozenset[Detail] = frozenset()
    precision: Precision = "quarter"
    dated_days: int | None = None
    commitment: Commitment = "planned"
    is_worded_only: bool = False
    notice: str = ""
    headings: Mapping[str, str] = field(default_factory=dict)
    wordings: Mapping[str, Wording] = field(default_factory=dict)
    salt: str = ""


def usual_lens(kind: AudienceKind) -> Lens:
    """What is usual for a kind of audience; whoever makes one may differ in everything."""
    match kind:
        case "team":
            return Lens(name=kind, kind=kind, shows=DETAILS, precision="day", commitment="exploring")
        case "executive":
            return Lens(name=kind, kind=kind, shows=DETAILS - {"pins"}, precision="month", commitment="exploring")
        case "customer":
            return Lens(name=kind, kind=kind, precision="quarter", dated_days=183, notice=INTENTION)
        case "investor":
            shows: frozenset[Detail] = frozenset(
                {"vision", "objectives", "key_results", "expected_effects", "outcomes"}
            )
            return Lens(name=kind, kind=kind, shows=shows, commitment="committed", notice=FORWARD_LOOKING)
