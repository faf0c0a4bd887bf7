"""HTTP for feedback."""

import functools
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import Depends, Path, Query, Request
from starlette.responses import Response

from services.chassis.bulk import BULK_RESPONSES, MAX_BYTES, lines_answer
from services.chassis.concurrency import IfMatch
from services.chassis.context import ServiceContext
from services.chassis.errors import Problem
from services.chassis.idempotency import KEPT_FAILURES, guard_for
from services.chassis.identity import Principal
from services.chassis.pagination import Paging, list_page
from services.chassis.problems import render
from services.chassis.route_documents import IDEMPOTENCY_KEY
from services.chassis.routing import NDJSON, Router
from services.chassis.tracing import current_trace
from services.chassis.types import ExternalId, Label, Page, Text, Timestamp
from services.requirements.feedback.answers import created_answer
from services.requirements.feedback.intake import Intake, Submission
from services.requirements.feedback.reading import read_feedback
from services.requirements.feedback.repository import FeedbackFilter
from services.requirements.feedback.schemas import (
    Channel,
    FeedbackContent,
    FeedbackCreate,
    FeedbackRead,
    FeedbackUpdate,
    ProductArea,
    SearchWords,
    SimilarFeedback,
    inline_schema,
)
from services.requirements.feedback.service import FeedbackService
from services.requirements.models import Feedback

LATE_EXPORT = {
    "text": "The CSV export fails every Monday morning, and I lose an hour copying rows by hand.",
    "source": "zendesk",
    "external_id": "ticket-4711",
    "occurred_at": "2026-01-26T08:12:00Z",
    "contact": {"email": "ada@example.com", "name": "Ada Lovelace"},
    "company": {"domain": "example.com", "name": "Example Ltd"},
    "channel": "support",
    "source_url": "https://example.zendesk.com/agent/tickets/4711",
    "product_area": "exports",
    "importance": 2,
    "metadata": {"plan": "team"},
}
SAME_EXPORT = {key: value for key, value in LATE_EXPORT.items() if key not in {"source", "external_id"}}
READ = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/FeedbackRead"}}}}
SINGLE: dict[str, Any] = {
    "parameters": [IDEMPOTENCY_KEY],
    "requestBody": {"required": True, "content": {"application/json": {"schema": inline_schema(FeedbackCreate)}}},
    "responses": {"201": {"description": "Recorded.", **READ}},
}
UPSERT: dict[str, Any] = {
    "responses": {
        "200": {"description": "It was there; it now says this.", **READ},
        "201": {"description": "New.", **READ},
    }
}
BULK: dict[str, Any] = {
    "requestBody": {"required": True, "content": {NDJSON[0]: {"schema": inline_schema(FeedbackCreate)}}},
    "responses": BULK_RESPONSES,
}

router = Router(prefix="/v1/feedback", tags=["Feedback"])
Service = Annotated[FeedbackService, Depends(FeedbackService)]


async def _wanted(
    *,
    q: Annotated[SearchWords | None, Query(description='Words to find; "phrases", or, and -without.')] = None,
    source: Annotated[Label | None, Query(description="Only from this source.")] = None,
    external_id: Annotated[ExternalId | None, Query(description="Only with this id of your own.")] = None,
    contact_id: Annotated[UUID | None, Query(description="Only what this contact said.")] = None,
    company_id: Annotated[UUID | None, Query(description="Only on behalf of this company.")] = None,
    author_id: Annotated[UUID | None, Query(description="Only what this contact wrote down for others.")] = None,
    channel: Annotated[Channel | None, Query(description="Only what came this way.")] = None,
    product_area: Annotated[ProductArea | None, Query(description="Only about this part of the product.")] = None,
    importance_from: Annotated[int | None, Query(ge=0, le=3, description="Only what matters at least so much.")] = None,
    rating_below: Annotated[
        float | None, Query(gt=0, le=1, description="Only with a rating below this share of the best one.")
    ] = None,
    custom_field: Annotated[
        Text | None,
        Query(
            max_length=300,
            pattern=r"^[a-z][a-z0-9_]{0,62}:",
            description="Only with this value in this field of your own, as `name:value`.",
        ),
    ] = None,
    theme_id: Annotated[UUID | None, Query(description="Only what belongs to this theme.")] = None,
    segment_id: Annotated[
        UUID | None, Query(description="Only from customers who belonged to this segment when they said it.")
    ] = None,
    occurred_from: Annotated[Timestamp | None, Query(description="Said then or later.")] = None,
    occurred_before: Annotated[Timestamp | None, Query(description="Said before then.")] = None,
    quarantined: Annotated[
        bool, Query(description="What waits in quarantine instead: it may be spam, and is left out otherwise.")
    ] = False,
) -> FeedbackFilter:
    return FeedbackFilter(
        q=q,
        source=source,
        external_id=external_id,
        contact_id=contact_id,
        company_id=company_id,
        author_id=author_id,
        channel=channel,
        product_area=product_area,
        importance_from=importance_from,
        rating_below=rating_below,
        custom_field=custom_field,
        theme_id=theme_id,
        segment_id=segment_id,
        occurred_from=occurred_from,
        occurred_before=occurred_before,
        quarantined=quarantined,
    )


Wanted = Annotated[FeedbackFilter, Depends(_wanted)]


@router.post(scope="feedback:write", unit_of_work=False, status=201, extra=SINGLE, example=LATE_EXPORT)
async def create_feedback(request: Request) -> Response:
    """Record a piece of feedback.

    Send the customer's own words. Name who said it and on whose behalf by your own id, by e-mail address or by domain:
    contacts and companies are made or completed along the way. An `external_id` that this source has sent already is
    answered with 409; `PUT /v1/feedback/by-external-id/{source}/{external_id}` replaces instead.
    """
    # Not as a dependency: FastAPI would call it in another thread, at a tenth of the cost of the whole request.
    me: Principal = request.state.principal
    context: ServiceContext = request.app.state.context
    body = await request.body()
    guard = guard_for(
        request,
        me,
        route="/v1/feedback",
        body=body,
        now=context.clock.now(),
        lifetime=context.idempotency_lifetime,
    )
    try:
        content: FeedbackCreate | Problem = read_feedback(body)
    except Problem as problem:
        if guard is None or problem.status not in KEPT_FAILURES:
            raise
        content = problem
    refuse = functools.partial(render, request=request)
    submission = Submission(
        principal=me, content=content, refuse=refuse, guard=guard, traceparent=current_trace().traceparent
    )
    intake: Intake = request.app.state.intake
    return await intake.submit(submission)


@router.post(
    "/bulk",
    scope="feedback:write",
    accepts=NDJSON,
    max_body_bytes=MAX_BYTES,
    status=200,
    extra=BULK,
    example=LATE_EXPORT,
)
async def create_feedback_bulk(
    request: Request,
    service: Service,
    atomic: Annotated[
        bool, Query(description="All lines or none: with any bad line, 422 and nothing is written.")
    ] = False,
) -> Response:
    """Record many pieces of feedback at once.

    One JSON object per line, at most 10,000 lines or 10 MiB. Each line gets a result line, in order: 201 for a new
    piece, 200 for an `external_id` that was there (it is replaced where it differs, so the same file twice doubles
    nothing), or its problem. A bad line fails no other.
    """
    lines = await service.take_lines(await request.body(), is_atomic=atomic)
    return lines_answer(lines, encode=msgspec.json.encode)


@router.get(scope="feedback:read")
async def list_feedback(service: Service, page: Paging, wanted: Wanted) -> Page[FeedbackRead]:
    """List feedback, newest first.

    `q` searches title and text by words: all of them, unless you say `or`; `"..."` is a phrase, `-word` leaves out.
    What is in quarantine is left out unless you ask for it.
    """
    return await list_page(
        service.work,
        service.feedback.matching(wanted),
        page,
        model=Feedback,
        subject_type="feedback",
        read=FeedbackRead.model_validate,
        filters=vars(wanted),
        also=("understanding",),
    )


@router.get("/{feedback_id}", scope="feedback:read")
async def get_feedback(feedback_id: UUID, service: Service) -> FeedbackRead:
    """Read a piece of feedback."""
    return FeedbackRead.model_validate(await service.feedback.get(feedback_id))


@router.get("/{feedback_id}/similar", scope="feedback:read")
async def list_feedback_similar(
    feedback_id: UUID,
    service: Service,
    limit: Annotated[int, Query(ge=1, le=50, description="How many at most.")] = 10,
) -> list[SimilarFeedback]:
    """Find feedback that means the same in other words, the most alike first.

    Meanings are computed a moment after intake; until then the list is empty.
    """
    await service.feedback.get(feedback_id)
    return [SimilarFeedback.model_validate(each) for each in await service.feedback.nearest(feedback_id, limit=limit)]


@router.put("/by-external-id/{source}/{external_id}", scope="feedback:write", extra=UPSERT, example=SAME_EXPORT)
async def put_feedback(
    source: Annotated[Label, Path(description="The system it comes from.")],
    external_id: Annotated[ExternalId, Path(description="Your own id for it.")],
    content: FeedbackContent,
    service: Service,
) -> Response:
    """Record or replace feedback by your own id.

    201 when it is new, 200 when it was there; sending the same again changes nothing. Needs no If-Match.
    """
    draft, recorded, now = await service.put(content, source=source, external_id=external_id)
    return created_answer(draft, recorded, now=now)


@router.patch("/{feedback_id}", scope="feedback:write", example={"title": "Export fails on Mondays"})
async def update_feedback(
    feedback_id: UUID, change: FeedbackUpdate, service: Service, if_match: IfMatch
) -> FeedbackRead:
    """Correct a piece of feedback.

    Quotes that requirements took from it keep the words they were given.
    """
    return FeedbackRead.model_validate(await service.update(feedback_id, change, if_match=if_match))


@router.delete("/{feedback_id}", scope="feedback:write")
async def delete_feedback(feedback_id: UUID, service: Service, if_match: IfMatch) -> None:
    """Remove a piece of feedback.

    While a requirement quotes it this is answered with 409: take the evidence away first.
    """
    await service.delete(feedback_id, if_match=if_match)
