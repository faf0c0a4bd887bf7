"""HTTP for segments, and for where feedback came from."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.requirements.models import Segment
from services.requirements.segments.schemas import (
    FeedbackStandingRead,
    SegmentCreate,
    SegmentRead,
    SegmentSubject,
    SegmentUpdate,
)
from services.requirements.segments.service import SegmentService

ENTERPRISE = {
    "name": "Enterprise",
    "subject": "company",
    "rule": 'company.revenue >= 1200000 EUR and not company.metadata.plan in ("free", "trial")',
    "description": "Pays at least 12,000 euros a year.",
}

router = Router(prefix="/v1/segments", tags=["Customers"])
standings = Router(prefix="/v1/feedback", tags=["Feedback"])
Segments = Annotated[SegmentService, Depends(SegmentService)]


@router.post(scope="requirements:write", example=ENTERPRISE)
async def create_segment(new: SegmentCreate, segments: Segments) -> Created[SegmentRead]:
    """Name customers of a kind, by a rule.

    Who belongs is never listed by hand: `GET /v1/companies?segment_id=` and `GET /v1/contacts?segment_id=` compute it
    from what is known today, and each piece of feedback keeps the segments it came from on the day when it was said.
    A rule that cannot be read is refused with 422, which says where the fault stands.
    """
    return created(SegmentRead.model_validate(await segments.create(new)))


@router.get(scope="feedback:read")
async def list_segments(
    segments: Segments,
    page: Paging,
    subject: Annotated[SegmentSubject | None, Query(description="Only segments of these.")] = None,
) -> Page[SegmentRead]:
    """List segments, newest first."""
    return await list_page(
        segments.work,
        segments.segments.matching(subject=subject),
        page,
        model=Segment,
        subject_type="segment",
        read=SegmentRead.model_validate,
        filters={"subject": subject},
    )


@router.get("/{segment_id}", scope="feedback:read")
async def get_segment(segment_id: UUID, segments: Segments) -> SegmentRead:
    """Read a segment."""
    return SegmentRead.model_validate(await segments.segments.get(segment_id))


@router.patch("/{segment_id}", scope="requirements:write", example={"description": "Pays 12,000 euros and more."})
async def update_segment(segment_id: UUID, change: SegmentUpdate, segments: Segments, if_match: IfMatch) -> SegmentRead:
    """Change a segment.

    Another rule holds from now on; feedback that was frozen before keeps the segments it came from.
    """
    return SegmentRead.model_validate(await segments.update(segment_id, change, if_match=if_match))


@router.delete("/{segment_id}", scope="requirements:write")
async def delete_segment(segment_id: UUID, segments: Segments, if_match: IfMatch) -> None:
    """Remove a segment."""
    await segments.delete(segment_id, if_match=if_match)


@standings.get("/{feedback_id}/standing", scope="feedback:read")
async def get_feedback_standing(feedback_id: UUID, segments: Segments) -> FeedbackStandingRead:
    """See which segments a piece of feedback came from, and what its company paid, then and now.

    `frozen` is as of the day when it was said, by the revenue that held on that day and by what was known of the
    customer when it came in; it does not change with either. `live` is as of today.
    """
    return await segments.standing(feedback_id)
