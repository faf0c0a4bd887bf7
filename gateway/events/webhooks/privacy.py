"""What receivers have answered: words that are not ours, and that may be about the person an event was about."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.models import LoggedEvent, WebhookAttempt, WebhookDelivery
from services.chassis.privacy.holdings import DataSubject
from services.chassis.unit_of_work import UnitOfWork


class ReceiversAnswers:
    """Kept with each attempt to deliver, for thirty days at most."""

    covers: ClassVar[Mapping[str, Sequence[str]]] = {"webhook_attempt": ("answer",)}

    async def export(self, session: AsyncSession, subject: DataSubject) -> Mapping[str, list[dict[str, Any]]]:
        attempt = WebhookAttempt
        rows = await session.execute(
            select(attempt.delivery_id, attempt.number, attempt.at, attempt.answer).where(
                _about(subject, session), attempt.answer.is_not(None)
            )
        )
        return {"webhook_attempt": [{**row} for row in rows.mappings()]}

    async def erase(self, work: UnitOfWork, subject: DataSubject) -> Mapping[str, int]:
        erased: Any = await work.session.execute(
            update(WebhookAttempt)
            .where(_about(subject, work.session), WebhookAttempt.answer.is_not(None))
            .values(answer=None)
            .execution_options(synchronize_session=False)
        )
        return {"webhook_attempt": int(erased.rowcount)}


def _about(subject: DataSubject, session: AsyncSession) -> ColumnElement[bool]:
    """Attempts to tell of something of the person's, or whose answer names them."""
    workspace_id = session.info["workspace_id"]
    told = (
        select(WebhookDelivery.workspace_id, WebhookDelivery.id)
        .join(
            LoggedEvent,
            and_(LoggedEvent.workspace_id == WebhookDelivery.workspace_id, LoggedEvent.id == WebhookDelivery.event_id),
        )
        .where(WebhookDelivery.workspace_id == workspace_id, LoggedEvent.subject_id.in_(subject.all_ids))
    )
    attempt = WebhookAttempt
    named = [func.strpos(attempt.answer, each) > 0 for each in subject.names]
    return and_(
        attempt.workspace_id == workspace_id,
        or_(tuple_(attempt.workspace_id, attempt.delivery_id).in_(told), *named),
    )
