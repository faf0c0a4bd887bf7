"""What callers see of themes."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.chassis.types import Body, Day, Patch, Reading, Resource, Timestamp, Title, omitted


class ThemeRead(Resource):
    """Something that several customers say."""

    name: str = Field(examples=["Export fails, csv, monday"])
    is_named_by_hand: bool = Field(description="Whether a person gave the name; no rebuild changes it then.")
    words: list[str] = Field(description="What sets it apart from the other themes, the strongest first.")
    size: int = Field(description="How many pieces of feedback belong to it.")
    quote: str | None = Field(description="One of them that stands for all, from its beginning.")
    quoted_feedback_id: UUID | None
    rebuilt_at: Timestamp = Field(description="When it was last built from the feedback.")
    retired_at: Timestamp | None = Field(description="Since when nobody says it any more.")
    is_by_hand: bool = Field(description="Whether a person made it; no rebuild retires it then.")
    is_heading: bool = Field(
        description="Whether a rebuild put it above themes that are alike; it has no feedback of its own."
    )
    parent_id: UUID | None = Field(description="The theme that it is a part of.")
    is_parent_by_hand: bool = Field(description="Whether a person decided what it is a part of; no rebuild changes it.")
    merged_into_id: UUID | None = Field(description="The theme under which its feedback is shown instead.")
    split_from_id: UUID | None = Field(description="The theme that a person split it from.")


class ThemeCreate(Body):
    """A theme that groups others."""

    name: Title


class ThemeSplit(Body):
    """What is another theme after all."""

    name: Title
    feedback_ids: Annotated[list[UUID], Field(min_length=1, max_length=1_000)] = Field(
        description="Pieces of its feedback that belong there, and stay there; what is nearer to them than to the rest "
        "follows."
    )


class ThemeUpdate(Patch):
    """What may be changed by hand."""

    name: Title | None = omitted()
    parent_id: UUID | None = omitted()


class ThemeWeekRead(Reading):
    """What was said in one week."""

    week: Day = Field(description="Its Monday, in UTC.")
    count: int


class ThemeGrowthRead(Reading):
    """The last four whole weeks against the four before."""

    recent: int
    before: int
    ratio: float = Field(description="(recent + 1/2) / (before + 1/2).")
    low: float = Field(description="Lower end of the 95 % interval of the ratio.")
    high: float = Field(description="Upper end; when the interval holds 1, it may be chance.")


class ThemeMoodsRead(Reading):
    """How those who speak of it feel, as far as the models or people say."""

    positive: int
    neutral: int
    negative: int
    unsure: int


class ThemeKindsRead(Reading):
    """What those who speak of it want."""

    bug: int
    request: int
    praise: int
    question: int
    unsure: int


class ThemeRevenueRead(Reading):
    """What companies paid in a year, in one currency."""

    currency: str
    amount_minor: int
    company_count: int = Field(description="How many of the companies paid in this currency.")


class ThemeSegmentRead(Reading):
    """Customers of one segment who speak of it."""

    segment_id: UUID
    name: str
    feedback_count: int
    company_count: int
    contact_count: int


class ThemeAffectedRead(Reading):
    """Whom a theme concerns, as they stood when they spoke."""

    feedback_count: int
    company_count: int
    contact_count: int
    nameless_count: int = Field(description="How much of the feedback names no company: its revenue is not known.")
    unsettled_count: int = Field(description="How much of the feedback is so new that its standing is not frozen yet.")
    revenue: list[ThemeRevenueRead] = Field(
        description="Each company counts once, with what it paid when it last spoke of the theme."
    )
    segments: list[ThemeSegmentRead]


class ThemeTrend(Reading):
    """How a theme develops."""

    weeks: list[ThemeWeekRead] = Field(
        description="The whole weeks up to the last one, the oldest first; none is left out."
    )
    growth: ThemeGrowthRead
    sentiment: ThemeMoodsRead = Field(description="Over these weeks.")
    kinds: ThemeKindsRead = Field(description="Over these weeks.")
