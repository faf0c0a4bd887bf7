"""What callers send and see of segments, and of where feedback came from."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from services.chassis.types import Body, Patch, Reading, Remark, Resource, Text, Timestamp, Title, Whole, omitted
from services.requirements.domain.segments import LONGEST_RULE

SegmentSubject = Annotated[
    Literal["contact", "company"],
    Field(description="Whom it is about. A rule about companies looks at companies only, one about contacts at both."),
]
RuleText = Annotated[
    Text,
    StringConstraints(min_length=1, max_length=LONGEST_RULE),
    Field(
        description="In the language of docs/guides/segments.md.",
        examples=['company.revenue >= 1200000 EUR and not company.metadata.plan in ("free", "trial")'],
    ),
]


class SegmentCreate(Body):
    """Customers of a kind."""

    name: Title
    subject: SegmentSubject = "company"
    rule: RuleText
    description: Remark | None = None


class SegmentUpdate(Patch):
    """What may change of a segment; what was frozen with feedback stays."""

    name: Title = omitted()
    rule: RuleText = omitted()
    description: Remark | None = omitted()


class SegmentRead(Resource):
    """Customers of a kind."""

    name: str
    subject: SegmentSubject
    rule: str
    description: str | None


class Standing(Reading):
    """Which segments, and what the company paid in a year, by currency in minor units."""

    segment_ids: list[UUID]
    annual_revenue: dict[str, Whole]
    as_of: Timestamp


class FeedbackStandingRead(Reading):
    """Where a piece of feedback came from: as it was then, and as it is now."""

    feedback_id: UUID
    frozen: Standing | None = Field(description="As of the day when it was said; null for a moment after intake.")
    live: Standing
