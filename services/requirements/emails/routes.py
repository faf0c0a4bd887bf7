"""HTTP for e-mail."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from services.chassis.bulk import MAX_BYTES
from services.chassis.routing import Router
from services.requirements.emails.service import EmailService
from services.requirements.feedback.answers import created_answer
from services.requirements.feedback.routes import UPSERT
from services.requirements.feedback.schemas import FeedbackRead

RFC_822 = "message/rfc822"
MONDAYS = """From: Ada Lovelace <ada@example.com>
To: product@example.net
Subject: Exports fail
Message-ID: <mondays-1@mail.example.com>
Date: Mon, 26 Jan 2026 09:12:00 +0100

The CSV export fails every Monday morning.
"""
MESSAGE: dict[str, Any] = {
    **UPSERT,
    "requestBody": {
        "required": True,
        "content": {RFC_822: {"schema": {"type": "string", "format": "binary"}, "example": MONDAYS}},
    },
}

router = Router(prefix="/v1/feedback", tags=["Feedback"])
Emails = Annotated[EmailService, Depends(EmailService)]


@router.post("/email", scope="feedback:write", accepts=(RFC_822,), max_body_bytes=MAX_BYTES, status=201, extra=MESSAGE)
async def create_feedback_email(request: Request, emails: Emails) -> Response:
    """Record an e-mail as feedback.

    The message as it stands (RFC 5322), up to 10 MiB, for example piped by your mail server. The sender becomes the
    contact; quoted lines and the signature are left out. Its Message-ID is its `external_id` under the source `email`:
    the same message again is answered with 200 and doubles nothing. Replies find their thread by References and
    In-Reply-To. Of attachments only the names are kept. What a machine has written is refused with 422.
    """
    draft, recorded, now = await emails.take(await request.body())
    return created_answer(draft, recorded, now=now)


@router.get("/{feedback_id}/thread", scope="feedback:read")
async def list_feedback_thread(feedback_id: UUID, emails: Emails) -> list[FeedbackRead]:
    """List the feedback of one e-mail thread, the first message first; at most 200."""
    return [FeedbackRead.model_validate(each) for each in await emails.thread_of(feedback_id)]
