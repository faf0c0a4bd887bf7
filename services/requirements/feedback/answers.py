"""What the caller gets to see of feedback just written, without reading it again."""

from datetime import datetime
from typing import Any

import msgspec
from starlette.responses import Response

from services.requirements.feedback.recording import Draft, Recorded


def created_answer(draft: Draft, row: Recorded, *, now: datetime) -> Response:
    """201, or 200 where it was there already, with the resource, its Location and its ETag."""
    etag = f'"{row.version}"'
    headers = {"Location": f"/v1/feedback/{row.id}", "ETag": etag}
    return Response(
        msgspec.json.encode(_resource(draft, row, etag=etag, updated_at=row.updated_at or now)),
        201 if row.is_new else 200,
        headers,
        media_type="application/json",
    )


def _resource(draft: Draft, row: Recorded, *, etag: str, updated_at: datetime) -> dict[str, Any]:
    """The members of FeedbackRead, which a test compares."""
    content = draft.content
    return {
        "id": row.id,
        "etag": etag,
        "created_at": row.created_at,
        "updated_at": updated_at,
        "text": content.text,
        "title": content.title,
        "source": content.source,
        "external_id": content.external_id,
        "occurred_at": row.occurred_at,
        "contact_id": draft.contact_id,
        "company_id": draft.company_id,
        "author_id": draft.author_id,
        "channel": content.channel,
        "source_url": content.source_url,
        "product_area": content.product_area,
        "importance": content.importance,
        "rating": content.rating and content.rating.model_dump(),
        "attachments": [each.model_dump() for each in content.attachments],
        "custom_fields": content.custom_fields,
        "consent": content.consent and content.consent.model_dump(),
        "metadata": content.metadata,
    }
