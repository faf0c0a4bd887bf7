"""What callers see of themes."""

from uuid import UUID

from pydantic import Field

from services.chassis.types import Day, Patch, Reading, Resource, Timestamp, Title, omitted


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


class ThemeUpdate(Patch):
    """What may be changed by hand."""

    name: Title | None = omitted()


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


class ThemeTrend(Reading):
    """How a theme develops."""

    weeks: list[ThemeWeekRead] = Field(
        description="The whole weeks up to the last one, the oldest first; none is left out."
    )
    growth: ThemeGrowthRead
    sentiment: ThemeMoodsRead = Field(description="Over these weeks.")
    kinds: ThemeKindsRead = Field(description="Over these weeks.")
