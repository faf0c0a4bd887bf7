"""HTTP for the labels of feedback."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.requirements.models import Understanding
from services.requirements.understanding.schemas import (
    Kind,
    LanguageCode,
    Sentiment,
    SpamStatus,
    UnderstandingRead,
    UnderstandingUpdate,
)
from services.requirements.understanding.service import UnderstandingService

labels = Router(prefix="/v1/feedback-labels", tags=["Understanding"])
Labels = Annotated[UnderstandingService, Depends(UnderstandingService)]


@labels.get(scope="feedback:read")
async def list_feedback_labels(
    service: Labels,
    page: Paging,
    *,
    language: Annotated[LanguageCode | None, Query(description="Only in this language (ISO 639).")] = None,
    kind: Annotated[Kind | None, Query(description="Only of this kind.")] = None,
    sentiment: Annotated[Sentiment | None, Query(description="Only of this mood.")] = None,
    spam_status: Annotated[
        SpamStatus | None, Query(description="Only those quarantined, or released, or clear.")
    ] = None,
    repeat_key: Annotated[
        str | None, Query(pattern="^[0-9a-f]{64}$", description="Only with this text, but for case and spacing.")
    ] = None,
    is_corrected: Annotated[bool | None, Query(description="Only what people corrected: data to train on.")] = None,
) -> Page[UnderstandingRead]:
    """List what feedback is: language, kind, sentiment, spam.

    Each label carries the model that it comes from, and the probability. A label is left out where the model is not
    sure. A moment after intake the labels are there; after a correction they say what the person said.
    """
    filters: dict[str, Any] = {
        "language": language,
        "kind": kind,
        "sentiment": sentiment,
        "spam_status": spam_status,
        "text_digest": repeat_key,
        "is_corrected": is_corrected,
    }
    return await list_page(
        service.work,
        service.labels.matching(filters),
        page,
        model=Understanding,
        subject_type="understanding",
        read=UnderstandingRead.of,
        filters=filters,
    )


@labels.get("/{feedback_id}", scope="feedback:read")
async def get_feedback_labels(feedback_id: UUID, service: Labels) -> UnderstandingRead:
    """Read what a piece of feedback is."""
    return UnderstandingRead.of(await service.labels.get(feedback_id))


@labels.patch("/{feedback_id}", scope="feedback:write", example={"kind": "request", "sentiment": "neutral"})
async def correct_feedback_labels(
    feedback_id: UUID, change: UnderstandingUpdate, service: Labels, if_match: IfMatch
) -> UnderstandingRead:
    """Correct what a piece of feedback is.

    Your word stands from now on; what the model said stays beside it, for models to learn from. Null takes a correction
    back.
    """
    return UnderstandingRead.of(await service.correct(feedback_id, change, if_match=if_match))


@labels.post("/{feedback_id}/quarantine", scope="feedback:write")
async def quarantine_feedback(feedback_id: UUID, service: Labels) -> UnderstandingRead:
    """Put feedback into quarantine.

    It leaves its theme, and is neither searched nor suggested; nothing is deleted.
    """
    return UnderstandingRead.of(await service.move(feedback_id, to="quarantined"))


@labels.post("/{feedback_id}/release", scope="feedback:write")
async def release_feedback(feedback_id: UUID, service: Labels) -> UnderstandingRead:
    """Let feedback out of quarantine.

    It joins a theme and can be found; no model puts it back, whatever its words become.
    """
    return UnderstandingRead.of(await service.move(feedback_id, to="released"))
