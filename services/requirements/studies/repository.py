"""The only SQL about studies."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert

from services.chassis.errors import NotFound
from services.chassis.repository import Repository
from services.requirements.feedback.repository import FeedbackRepository
from services.requirements.models import Feedback, Finding, Study, StudyParticipant, StudyResponse


class StudyRepository(Repository[Study]):
    """Studies of one workspace."""

    model: ClassVar[Any] = Study

    def matching(self, *, method: str | None) -> Select[Study]:
        query = self.rows()
        return query if method is None else query.where(Study.method == method)

    async def counts(self, ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
        """How many take part in each, and how much has come in answer."""
        found: dict[UUID, dict[str, int]] = {each: {"participants": 0, "responses": 0} for each in ids}
        for name, model in (("participants", StudyParticipant), ("responses", StudyResponse)):
            mine: list[Any] = [model.workspace_id == self.workspace_id, model.study_id.in_(ids)]
            query = select(model.study_id, func.count()).where(*mine).group_by(model.study_id)
            for study_id, count in (await self.session.execute(query)).all():
                found[study_id][name] = count
        return found

    async def add_response(self, study_id: UUID, feedback_id: UUID) -> None:
        """Feedback answers one study at most: the last that took it."""
        statement = insert(StudyResponse).values(
            workspace_id=self.workspace_id, study_id=study_id, feedback_id=feedback_id
        )
        await self.session.execute(
            statement.on_conflict_do_update(index_elements=["workspace_id", "feedback_id"], set_={"study_id": study_id})
        )

    def responses(self, study_id: UUID) -> Select[Feedback]:
        answers = select(StudyResponse.feedback_id).where(
            StudyResponse.workspace_id == self.workspace_id, StudyResponse.study_id == study_id
        )
        feedback = FeedbackRepository(self.session)
        return feedback.rows().where(Feedback.id.in_(answers), ~feedback.is_quarantined())

    async def texts(self, feedback_ids: Iterable[UUID]) -> dict[UUID, str]:
        query = select(Feedback.id, Feedback.text).where(
            Feedback.workspace_id == self.workspace_id, Feedback.id.in_(list(feedback_ids))
        )
        return {row.id: row.text for row in (await self.session.execute(query)).all()}


class ParticipantRepository(Repository[StudyParticipant]):
    """Who takes part in studies."""

    model: ClassVar[Any] = StudyParticipant

    def of(self, study_id: UUID) -> Select[StudyParticipant]:
        return self.rows().where(StudyParticipant.study_id == study_id)

    async def get_of(self, study_id: UUID, participant_id: UUID) -> StudyParticipant:
        """Raises NotFound, also for another study's."""
        found = await self.find(participant_id, lock=True)
        if found is None or found.study_id != study_id:
            raise NotFound(f"There is no participant {participant_id} of this study.")
        return found


class FindingRepository(Repository[Finding]):
    """What studies have found."""

    model: ClassVar[Any] = Finding

    def of(self, study_id: UUID) -> Select[Finding]:
        return self.rows().where(Finding.study_id == study_id)

    async def get_of(self, study_id: UUID, finding_id: UUID, *, lock: bool = False) -> Finding:
        """Raises NotFound, also for another study's."""
        found = await self.find(finding_id, lock=lock)
        if found is None or found.study_id != study_id:
            raise NotFound(f"There is no finding {finding_id} of this study.")
        return found
