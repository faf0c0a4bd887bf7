"""HTTP for studies."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from starlette.responses import Response

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.requirements.feedback.answers import created_answer
from services.requirements.feedback.schemas import FeedbackCreate, FeedbackRead
from services.requirements.models import Feedback, Finding, Study, StudyParticipant
from services.requirements.studies.schemas import (
    FindingCreate,
    FindingRead,
    FindingUpdate,
    Method,
    StudyCreate,
    StudyParticipantCreate,
    StudyParticipantRead,
    StudyRead,
    StudyUpdate,
)
from services.requirements.studies.service import StudyService

WHY_THEY_EXPORT = {
    "title": "Why people export",
    "question": "What do people do with the files that they export every week?",
    "method": "interview",
    "starts_on": "2026-02-02",
    "ends_on": "2026-02-13",
}
AN_ANSWER = {
    "text": "I paste the numbers into the report for my manager.",
    "source": "interviews",
    "contact": {"email": "grace@example.org"},
}
A_FINDING = {"statement": "Exports end in a report that somebody else reads."}
SOMEBODY = {"contact_id": "019c0d8e-7f2a-7c61-9d35-0b2f4c1a8e77"}
READ = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/FeedbackRead"}}}}
RECORDED = {"responses": {"201": {"description": "Recorded.", **READ}}}

router = Router(prefix="/v1/studies", tags=["Studies"])
Studies = Annotated[StudyService, Depends(StudyService)]


@router.post(scope="requirements:write", example=WHY_THEY_EXPORT)
async def create_study(new: StudyCreate, studies: Studies) -> Created[StudyRead]:
    """Plan a study.

    Research of users or of the market: say what you want to know, and how you find out.
    """
    (read,) = await studies.read([await studies.create(new)])
    return created(read)


@router.get(scope="feedback:read")
async def list_studies(
    studies: Studies,
    page: Paging,
    method: Annotated[Method | None, Query(description="Only studies by this method.")] = None,
) -> Page[StudyRead]:
    """List studies, newest first."""
    found: Page[StudyRead] = await list_page(
        studies.work,
        studies.studies.matching(method=method),
        page,
        model=Study,
        subject_type="study",
        read=StudyRead.model_validate,
        filters={"method": method},
    )
    counts = await studies.studies.counts([each.id for each in found.items])
    return found.model_copy(update={"items": [each.model_copy(update=counts[each.id]) for each in found.items]})


@router.get("/{study_id}", scope="feedback:read")
async def get_study(study_id: UUID, studies: Studies) -> StudyRead:
    """Read a study."""
    (read,) = await studies.read([await studies.studies.get(study_id)])
    return read


@router.patch("/{study_id}", scope="requirements:write", example={"conclusion": "It is the report that counts."})
async def update_study(study_id: UUID, change: StudyUpdate, studies: Studies, if_match: IfMatch) -> StudyRead:
    """Change a study, or write down what came of it."""
    (read,) = await studies.read([await studies.update(study_id, change, if_match=if_match)])
    return read


@router.delete("/{study_id}", scope="requirements:write")
async def delete_study(study_id: UUID, studies: Studies, if_match: IfMatch) -> None:
    """Remove a study with its participants and findings; the feedback stays."""
    await studies.delete(study_id, if_match=if_match)


@router.post("/{study_id}/responses", scope="feedback:write", status=201, extra=RECORDED, example=AN_ANSWER)
async def create_study_response(study_id: UUID, new: FeedbackCreate, studies: Studies) -> Response:
    """Record an answer.

    It is feedback as any other, and belongs to the study. Its channel follows the method unless you say: what an
    interview brought is `interview`, what a survey brought is `survey`. An `external_id` that is taken is answered
    with 409.
    """
    draft, recorded, now = await studies.take_response(study_id, new)
    return created_answer(draft, recorded, now=now)


@router.get("/{study_id}/responses", scope="feedback:read")
async def list_study_responses(study_id: UUID, studies: Studies, page: Paging) -> Page[FeedbackRead]:
    """List what came in answer to a study, newest first."""
    await studies.studies.get(study_id)
    return await list_page(
        studies.work,
        studies.studies.responses(study_id),
        page,
        model=Feedback,
        subject_type="feedback",
        read=FeedbackRead.model_validate,
        filters={"study_id": study_id},
        also=("understanding",),
    )


@router.post("/{study_id}/participants", scope="requirements:write", example=SOMEBODY)
async def create_study_participant(
    study_id: UUID, new: StudyParticipantCreate, studies: Studies
) -> Created[StudyParticipantRead]:
    """Say who takes part."""
    return created(StudyParticipantRead.model_validate(await studies.add_participant(study_id, new.contact_id)))


@router.get("/{study_id}/participants", scope="feedback:read")
async def list_study_participants(study_id: UUID, studies: Studies, page: Paging) -> Page[StudyParticipantRead]:
    """List who takes part, the last named first."""
    await studies.studies.get(study_id)
    return await list_page(
        studies.work,
        studies.participants.of(study_id),
        page,
        model=StudyParticipant,
        subject_type="study_participant",
        read=StudyParticipantRead.model_validate,
        filters={"study_id": study_id},
    )


@router.delete("/{study_id}/participants/{participant_id}", scope="requirements:write")
async def delete_study_participant(study_id: UUID, participant_id: UUID, studies: Studies, if_match: IfMatch) -> None:
    """Take somebody out of a study."""
    await studies.remove_participant(study_id, participant_id, if_match=if_match)


@router.post("/{study_id}/findings", scope="requirements:write", example=A_FINDING)
async def create_finding(study_id: UUID, new: FindingCreate, studies: Studies) -> Created[FindingRead]:
    """Write down what was found.

    Cite the words that it rests on: each quote must stand in its feedback exactly as you give it.
    """
    return created(FindingRead.model_validate(await studies.add_finding(study_id, new)))


@router.get("/{study_id}/findings", scope="feedback:read")
async def list_findings(study_id: UUID, studies: Studies, page: Paging) -> Page[FindingRead]:
    """List what a study has found, newest first."""
    await studies.studies.get(study_id)
    return await list_page(
        studies.work,
        studies.findings.of(study_id),
        page,
        model=Finding,
        subject_type="finding",
        read=FindingRead.model_validate,
        filters={"study_id": study_id},
    )


@router.get("/{study_id}/findings/{finding_id}", scope="feedback:read")
async def get_finding(study_id: UUID, finding_id: UUID, studies: Studies) -> FindingRead:
    """Read a finding."""
    return FindingRead.model_validate(await studies.findings.get_of(study_id, finding_id))


@router.patch(
    "/{study_id}/findings/{finding_id}", scope="requirements:write", example={"statement": "Exports end in a report."}
)
async def update_finding(
    study_id: UUID, finding_id: UUID, change: FindingUpdate, studies: Studies, if_match: IfMatch
) -> FindingRead:
    """Change a finding; `quotes` replaces those that were there."""
    return FindingRead.model_validate(await studies.update_finding(study_id, finding_id, change, if_match=if_match))


@router.delete("/{study_id}/findings/{finding_id}", scope="requirements:write")
async def delete_finding(study_id: UUID, finding_id: UUID, studies: Studies, if_match: IfMatch) -> None:
    """Remove a finding."""
    await studies.delete_finding(study_id, finding_id, if_match=if_match)
