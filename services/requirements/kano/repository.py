"""The only SQL about Kano answers."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, func, select

from services.chassis.errors import NotFound
from services.chassis.repository import Repository
from services.requirements.domain.kano import Answer, KanoSurvey
from services.requirements.models import KanoAnswer


class KanoAnswerRepository(Repository[KanoAnswer]):
    """Answers in one workspace."""

    model: ClassVar[Any] = KanoAnswer

    def of(self, requirement_id: UUID) -> Select[KanoAnswer]:
        return self.rows().where(KanoAnswer.requirement_id == requirement_id)

    async def get_of(self, requirement_id: UUID, answer_id: UUID, *, lock: bool = False) -> KanoAnswer:
        """The answer, when it is about that requirement; raises NotFound."""
        answer = await self.get(answer_id, lock=lock)
        if answer.requirement_id != requirement_id:
            raise NotFound(f"There is no answer {answer_id}.")
        return answer

    async def has_answered(self, requirement_id: UUID, contact_id: UUID) -> bool:
        query = self.of(requirement_id).where(KanoAnswer.contact_id == contact_id)
        return (await self.session.scalars(query)).first() is not None

    async def surveys(self, requirement_ids: Iterable[UUID]) -> dict[UUID, KanoSurvey]:
        """The answers about each requirement, counted by the database."""
        columns = (KanoAnswer.requirement_id, KanoAnswer.functional, KanoAnswer.dysfunctional, KanoAnswer.importance)
        query = (
            select(*columns, func.count())
            .where(KanoAnswer.workspace_id == self.workspace_id, KanoAnswer.requirement_id.in_(list(requirement_ids)))
            .group_by(*columns)
        )
        answers: defaultdict[UUID, list[tuple[Answer, Answer, int | None, int]]] = defaultdict(list)
        for requirement_id, functional, dysfunctional, importance, count in await self.session.execute(query):
            answers[requirement_id].append((Answer(functional), Answer(dysfunctional), importance, count))
        return {requirement_id: KanoSurvey.of(told) for requirement_id, told in answers.items()}
