"""The only SQL about threads."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.requirements.models import EmailMessage, Feedback

LONGEST_THREAD = 200


class ThreadRepository:
    """Messages of one workspace and the threads they belong to."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    @property
    def workspace_id(self) -> UUID:
        workspace_id: UUID = self.session.info["workspace_id"]
        return workspace_id

    async def lock(self) -> None:
        """One message of the workspace after the other: two of one thread must not each begin it."""
        await self.session.execute(
            select(func.pg_advisory_xact_lock(func.hashtextextended(f"email:{self.workspace_id}", 0)))
        )

    async def join(self, message_ids: Sequence[str], *, new_id: UUID) -> UUID:
        """The thread that these belong to, by now one: what was known apart is brought together."""
        known = select(EmailMessage.thread_id).where(
            EmailMessage.workspace_id == self.workspace_id, EmailMessage.message_id.in_(message_ids)
        )
        threads = sorted(set((await self.session.scalars(known)).all()))
        joined = threads[0] if threads else new_id
        if len(threads) > 1:
            await self.session.execute(
                update(EmailMessage)
                .where(EmailMessage.workspace_id == self.workspace_id, EmailMessage.thread_id.in_(threads[1:]))
                .values(thread_id=joined)
            )
        rows = [
            {"workspace_id": self.workspace_id, "message_id": each, "thread_id": joined}
            for each in dict.fromkeys(message_ids)
        ]
        await self.session.execute(insert(EmailMessage).values(rows).on_conflict_do_nothing())
        return joined

    async def attach(self, message_id: str, feedback_id: UUID) -> None:
        """The feedback that the message has become."""
        await self.session.execute(
            update(EmailMessage)
            .where(EmailMessage.workspace_id == self.workspace_id, EmailMessage.message_id == message_id)
            .values(feedback_id=feedback_id)
        )

    async def thread_of(self, feedback_id: UUID) -> Sequence[Feedback]:
        """All feedback of the thread, the first message first; empty for what did not come by e-mail."""
        mine: Select[UUID] = select(EmailMessage.thread_id).where(
            EmailMessage.workspace_id == self.workspace_id, EmailMessage.feedback_id == feedback_id
        )
        query = (
            select(Feedback)
            .join(
                EmailMessage,
                (EmailMessage.workspace_id == Feedback.workspace_id) & (EmailMessage.feedback_id == Feedback.id),
            )
            .where(EmailMessage.workspace_id == self.workspace_id, EmailMessage.thread_id.in_(mine))
            .order_by(Feedback.occurred_at, Feedback.id)
        )
        return (await self.session.scalars(query.limit(LONGEST_THREAD))).all()
