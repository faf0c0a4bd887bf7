"""What somebody said, what it means, and what was quoted from it."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.privacy.holdings import DataSubject
from services.chassis.unit_of_work import UnitOfWork
from services.requirements.models import Evidence, Feedback, FeedbackEmbedding, Theme, ThemeMember, Understanding
from services.requirements.privacy.erasing import ERASED, changed, erase, rows_of
from services.requirements.themes.shapes import ShapeRepository


class Words:
    """What they said, what it means, and what was quoted from it."""

    covers: ClassVar[Mapping[str, Sequence[str]]] = {
        "feedback": (
            "text",
            "title",
            "external_id",
            "source_url",
            "attachments",
            "custom_fields",
            "consent",
            "metadata",
            "search",
        ),
        "feedback_embedding": ("embedding",),
        "theme_member": (),
        "theme_pin": (),
        "understanding": ("text_digest",),
        "theme": ("name", "words", "centre"),
        "evidence": ("quote",),
    }

    async def export(self, session: AsyncSession, subject: DataSubject) -> Mapping[str, list[dict[str, Any]]]:
        return {
            "feedback": await rows_of(session, Feedback, Feedback.contact_id.in_(subject.all_ids)),
            "evidence": await rows_of(session, Evidence, Evidence.id.in_(subject.ids)),
        }

    async def erase(self, work: UnitOfWork, subject: DataSubject) -> Mapping[str, int]:
        """Rows are taken in the order of their ids, as intake takes them."""
        workspace_id = work.principal.workspace
        mine = (
            select(Feedback.id)
            .where(Feedback.workspace_id == workspace_id, Feedback.contact_id.in_(subject.all_ids))
            .order_by(Feedback.id)
            .with_for_update()
        )
        ids = (await work.session.scalars(mine)).all()
        words = (
            update(Feedback)
            .where(Feedback.workspace_id == workspace_id, Feedback.id.in_(ids))
            .values(
                text=ERASED,
                title=None,
                external_id=None,
                source_url=None,
                attachments=[],
                custom_fields={},
                consent=None,
                attributes={},
                **changed(work, Feedback),
            )
        )
        quotes = (
            update(Evidence)
            .where(Evidence.workspace_id == workspace_id, Evidence.feedback_id.in_(ids))
            .values(quote=ERASED, start_offset=0, end_offset=len(ERASED), **changed(work, Evidence))
        )
        themes = (
            update(Theme)
            .where(Theme.workspace_id == workspace_id, Theme.quoted_feedback_id.in_(ids))
            .values(quoted_feedback_id=None, **changed(work, Theme))
        )
        touched = {
            "feedback": await erase(work, Feedback, words),
            "evidence": await erase(work, Evidence, quotes),
            "theme": await erase(work, Theme, themes, told_as="changed"),
        }
        for model, column in (
            (FeedbackEmbedding, FeedbackEmbedding.feedback_id),
            (ThemeMember, ThemeMember.feedback_id),
            (Understanding, Understanding.id),
        ):
            gone = await work.session.execute(delete(model).where(model.workspace_id == workspace_id, column.in_(ids)))
            touched[model.__tablename__] = int(getattr(gone, "rowcount", 0))
        touched["theme_pin"] = await ShapeRepository(work.session).forget(ids)
        return touched
