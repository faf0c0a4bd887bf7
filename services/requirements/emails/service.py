"""Takes a message in: once, with its thread, in the words of its sender."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from services.chassis.bulk import invalid_line
from services.chassis.errors import FieldError, Invalid
from services.chassis.unit_of_work import Work
from services.requirements.domain.messages import Message, MessageRefused, read_message, thread_subject
from services.requirements.emails.repository import ThreadRepository
from services.requirements.feedback.recording import Draft, Recorded
from services.requirements.feedback.repository import FeedbackRepository
from services.requirements.feedback.schemas import FeedbackContent
from services.requirements.feedback.service import FeedbackService
from services.requirements.models import Feedback

SOURCE = "email"
NAMED_ATTACHMENTS = 10


class UnreadableMessage(Invalid):
    code, title = "unreadable_message", "This is no message that can be taken"


class AutomaticMessage(Invalid):
    code, title = "automatic_message", "A machine has written this message"


class EmailService:
    """What becomes of messages."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def threads(self) -> ThreadRepository:
        return ThreadRepository(self.work.session)

    async def take(self, raw: bytes) -> tuple[Draft, Recorded, datetime]:
        """The same message again is the same feedback. Raises UnreadableMessage, AutomaticMessage."""
        try:
            message = read_message(raw)
        except MessageRefused as refused:
            errors = [FieldError(f"header/{refused.header}", str(refused), "message")]
            raise UnreadableMessage(str(refused), errors=errors) from None
        if message.is_automatic:
            raise AutomaticMessage("Absence notes and the like are not taken (RFC 3834).")
        await self.threads.lock()
        await self.threads.join([*message.references, message.message_id], new_id=self.work.ids())
        recorded = await FeedbackService(self.work).put(
            _content(message), source=SOURCE, external_id=message.message_id
        )
        await self.threads.attach(message.message_id, recorded[1].id)
        return recorded

    async def thread_of(self, feedback_id: UUID) -> Sequence[Feedback]:
        """The thread, or the piece alone when it did not come by e-mail. Raises NotFound."""
        alone = await FeedbackRepository(self.work.session).get(feedback_id)
        return await self.threads.thread_of(feedback_id) or [alone]


def _content(message: Message) -> FeedbackContent:
    document: dict[str, Any] = {
        "text": message.text,
        "title": thread_subject(message.subject) if message.subject else None,
        "occurred_at": message.sent_at.isoformat() if message.sent_at else None,
        "contact": {"email": message.sender, "name": message.sender_name},
        "channel": "support",
    }
    if message.attachments:
        document["metadata"] = {"attached": ", ".join(message.attachments[:NAMED_ATTACHMENTS])[:500]}
    try:
        return FeedbackContent.model_validate(document)
    except ValidationError as fault:
        raise invalid_line(fault) from None
