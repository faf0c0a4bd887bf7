"""HTTP for commitments."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.commitments.asking import AskingService
from services.roadmap.commitments.schemas import (
    AnswerCreate,
    CommitmentCreate,
    CommitmentRead,
    CommitmentRequest,
    CommitmentsAsked,
    CommitmentUpdate,
)
from services.roadmap.commitments.service import CommitmentService
from services.roadmap.domain.commitments import CommitmentStatus

TERMS = {
    "team_id": "01983a7c-6a30-7d76-9cae-7f9b1d3e5a80",
    "title": "Terms for the new export, checked",
    "due_on": "2027-03-12",
    "for_whom": "Pilot customers",
    "effort_days": 2,
}

router = Router(prefix="/v1/commitments", tags=["Coordination"])
Commitments = Annotated[CommitmentService, Depends(CommitmentService)]
Asking = Annotated[AskingService, Depends(AskingService)]


@router.post(scope="roadmap:write", example=TERMS)
async def create_commitment(new: CommitmentCreate, commitments: Commitments) -> Created[CommitmentRead]:
    """Ask a team for something until a day.

    It owes nothing before it has answered: see `/v1/commitments/{commitment_id}/answers`.
    """
    return created(await commitments.create(new))


@router.post(
    "/requests",
    scope="roadmap:write",
    status=200,
    example={"feature_ids": ["01983a7c-4b20-7f6a-8c3d-1e5f7a9b2c46"], "due_on": "2027-03-31"},
)
async def request_commitments(request: CommitmentRequest, asking: Asking) -> CommitmentsAsked:
    """Ask all teams for their parts in features or a release.

    One commitment for each team that a feature's work packages name, due when the roadmap says that the feature ends,
    or by its deadline; one for each open work package of the release. Asking again asks only for what is new.
    """
    return await asking.ask(request)


@router.get(scope="roadmap:read")
async def list_commitments(
    commitments: Commitments,
    page: Paging,
    *,
    status: Annotated[CommitmentStatus | None, Query(description="Only commitments in this state.")] = None,
    team_id: Annotated[UUID | None, Query(description="Only what this team owes.")] = None,
    for_team_id: Annotated[UUID | None, Query(description="Only what this team waits for.")] = None,
    feature_id: Annotated[UUID | None, Query(description="Only commitments to this feature.")] = None,
    release_id: Annotated[UUID | None, Query(description="Only commitments to this release.")] = None,
    is_overdue: Annotated[bool, Query(description="Only what is open and was due before today.")] = False,
) -> Page[CommitmentRead]:
    """List commitments, last asked first."""
    return await commitments.search(
        page,
        status=status,
        is_overdue=is_overdue,
        team_id=team_id,
        for_team_id=for_team_id,
        feature_id=feature_id,
        release_id=release_id,
    )


@router.get("/{commitment_id}", scope="roadmap:read")
async def get_commitment(commitment_id: UUID, commitments: Commitments) -> CommitmentRead:
    """Read a commitment."""
    return CommitmentRead.model_validate(await commitments.get(commitment_id))


@router.patch("/{commitment_id}", scope="roadmap:write", example={"due_on": "2027-03-19"})
async def update_commitment(
    commitment_id: UUID, change: CommitmentUpdate, commitments: Commitments, if_match: IfMatch
) -> CommitmentRead:
    """Change what is asked for.

    Another title or day is another question: an answer that was given is asked for again.
    """
    return CommitmentRead.model_validate(await commitments.update(commitment_id, change, if_match=if_match))


@router.delete("/{commitment_id}", scope="roadmap:write")
async def delete_commitment(commitment_id: UUID, commitments: Commitments, if_match: IfMatch) -> None:
    """Remove a commitment with its check-ins; `withdraw` keeps it on record."""
    await commitments.delete(commitment_id, if_match=if_match)


@router.post(
    "/{commitment_id}/answers",
    scope="roadmap:write",
    status=200,
    example={
        "answer": "flag_risk",
        "reason": "The outside lawyer answers only in the week after.",
        "expected_on": "2027-03-19",
    },
)
async def answer_commitment(commitment_id: UUID, given: AnswerCreate, commitments: Commitments) -> CommitmentRead:
    """Answer for the team: accept, flag a risk, decline, complete; or withdraw the question.

    Whoever subscribed to what is at risk or declined is told. An answer that cannot follow on what was said before is
    refused with 409.
    """
    return CommitmentRead.model_validate(await commitments.answer(commitment_id, given))
