"""What callers see of themes."""

from uuid import UUID

from pydantic import Field

from services.chassis.types import Resource, Timestamp


class ThemeRead(Resource):
    """Something that several customers say."""

    name: str = Field(examples=["Export fails, csv, monday"])
    words: list[str] = Field(description="What sets it apart from the other themes, the strongest first.")
    size: int = Field(description="How many pieces of feedback belong to it.")
    quote: str | None = Field(description="One of them that stands for all, from its beginning.")
    quoted_feedback_id: UUID | None
    rebuilt_at: Timestamp = Field(description="When it was last built from the feedback.")
    retired_at: Timestamp | None = Field(description="Since when nobody says it any more.")
