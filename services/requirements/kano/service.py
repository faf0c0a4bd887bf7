"""Keeps Kano answers and evaluates them."""

from typing import Any
from uuid import UUID

import numpy as np

from services.chassis.concurrency import Precondition
from services.chassis.errors import AlreadyExists, FieldError, UnknownReference
from services.chassis.unit_of_work import Work
from services.requirements.backlog.repository import RequirementRepository
from services.requirements.customers.repository import ContactRepository
from services.requirements.domain.kano import Answer, KanoSurvey, quality
from services.requirements.domain.scoring import interval
from services.requirements.kano.repository import KanoAnswerRepository
from services.requirements.kano.schemas import KanoAnswerCreate, KanoAnswerRead, KanoCoefficientRead, KanoRead
from services.requirements.models import KanoAnswer

DRAWS = 4_000
SEED = 1


class KanoService:
    """What callers do with Kano answers."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def answers(self) -> KanoAnswerRepository:
        return KanoAnswerRepository(self.work.session)

    @property
    def requirements(self) -> RequirementRepository:
        return RequirementRepository(self.work.session)

    async def create(self, requirement_id: UUID, new: KanoAnswerCreate) -> KanoAnswer:
        """Raises NotFound, UnknownReference, AlreadyExists."""
        await self.requirements.get(requirement_id, lock=True)
        if new.contact_id is not None:
            await self._check_contact(requirement_id, new.contact_id)
        answer = await self.answers.add(KanoAnswer(requirement_id=requirement_id, **new.fields()))
        await self._tell("kano_answer.recorded", answer, version=answer.version)
        return answer

    async def remove(self, requirement_id: UUID, answer_id: UUID, *, if_match: Precondition) -> None:
        answer = await self.answers.get_of(requirement_id, answer_id, lock=True)
        if_match.check(answer)
        await self.answers.remove(answer)
        await self._tell("kano_answer.deleted", answer, version=answer.version + 1)

    async def evaluate(self, requirement_id: UUID) -> KanoRead:
        """Raises NotFound."""
        await self.requirements.get(requirement_id)
        surveys = await self.answers.surveys([requirement_id])
        survey = surveys.get(requirement_id, KanoSurvey({}))
        return KanoRead(
            requirement_id=requirement_id,
            answers=sum(survey.counts.values()),
            counts=survey.counts,
            category=survey.category,
            **_coefficients(survey),
        )

    async def _check_contact(self, requirement_id: UUID, contact_id: UUID) -> None:
        if await ContactRepository(self.work.session).find(contact_id) is None:
            raise UnknownReference(errors=[FieldError("/contact_id", f"There is no contact {contact_id}.", "unknown")])
        if await self.answers.has_answered(requirement_id, contact_id):
            raise AlreadyExists(f"The contact {contact_id} has answered for this requirement already.")

    async def _tell(self, kind: str, answer: KanoAnswer, *, version: int) -> None:
        await self.work.events.append(
            kind, subject_type="kano_answer", subject_id=answer.id, version=version, data=answer_facts(answer)
        )


def answer_facts(answer: KanoAnswer) -> dict[str, Any]:
    """What the feed tells of an answer."""
    return {
        "requirement_id": answer.requirement_id,
        "functional": answer.functional,
        "dysfunctional": answer.dysfunctional,
        "importance": answer.importance,
    }


def read_answer(answer: KanoAnswer) -> KanoAnswerRead:
    fields = {name: getattr(answer, name) for name in KanoAnswerRead.model_fields if name != "quality"}
    told = quality(Answer(answer.functional), Answer(answer.dysfunctional))
    return KanoAnswerRead.model_validate(fields | {"quality": told})


def _coefficients(survey: KanoSurvey) -> dict[str, KanoCoefficientRead | None]:
    likely, drawn = survey.likely(), survey.draw(np.random.default_rng(SEED), DRAWS)
    told: dict[str, KanoCoefficientRead | None] = dict.fromkeys(("better", "worse", "importance"))
    for name, values in drawn.items():
        low, high = interval(values)
        told[name] = KanoCoefficientRead(likely=likely[name], low=low, high=high)
    return told
