"""What is derived of people's words here: it follows them when they are erased."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.privacy.holdings import DataSubject
from services.chassis.unit_of_work import UnitOfWork
from services.requirements.models import Suggestion
from services.requirements.similarity.meanings import RequirementMeanings


class Derived:
    """Words and centres of requirements that quote a person, and suggestions made of what they said."""

    covers: ClassVar[Mapping[str, Sequence[str]]] = {
        "requirement_word": ("lexeme",),
        "requirement_meaning": ("own", "centre", "words_digest"),
        "suggestion": ("features", "reason"),
    }

    async def export(self, session: AsyncSession, subject: DataSubject) -> Mapping[str, list[dict[str, Any]]]:
        """Nothing that their own words do not say."""
        del session, subject
        return {}

    async def erase(self, work: UnitOfWork, subject: DataSubject) -> Mapping[str, int]:
        """After the words themselves: what was computed from them is computed anew."""
        meanings = RequirementMeanings(work.session)
        quoting = await meanings.quoting(subject.ids)
        await meanings.refresh(quoting)
        gone = await work.session.execute(
            delete(Suggestion).where(
                Suggestion.workspace_id == work.principal.workspace, Suggestion.feedback_id.in_(subject.ids)
            )
        )
        return {"requirement_word": len(quoting), "suggestion": int(getattr(gone, "rowcount", 0))}
