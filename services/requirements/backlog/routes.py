"""HTTP for requirements and their evidence."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request
from starlette.responses import Response, StreamingResponse

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.files import file_answers
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page, Timestamp
from services.requirements.backlog import history
from services.requirements.backlog.exports import FORMS, ExportFormat, written
from services.requirements.backlog.repository import RequirementRepository
from services.requirements.backlog.schemas import (
    AccountsRead,
    EvidenceCreate,
    EvidenceRead,
    RequirementCreate,
    RequirementHistoryRead,
    RequirementRead,
    RequirementTransitionCreate,
    RequirementUpdate,
)
from services.requirements.backlog.service import BacklogService
from services.requirements.domain.states import RequirementStatus
from services.requirements.models import Evidence, Requirement

QUOTE = {
    "feedback_id": "01983a7c-1f3e-7b1d-8a44-6f1f0f4f9b11",
    "quote": "I lose an hour copying rows by hand",
    "strength": 2,
}
RELIABLE_EXPORT = {
    "title": "Exports that arrive",
    "problem": "Teams that report on Mondays lose an hour whenever the nightly export fails.",
    "estimates": {
        "reach": {"low": 200, "likely": 400, "high": 900},
        "impact": 2,
        "confidence": 0.8,
        "effort": {"low": 1, "likely": 2, "high": 4},
    },
    "acceptance_criteria": ["A failed export is tried again, and its owner is told."],
    "owner": "Reporting team",
    "product_area": "Reports",
    "evidence": [QUOTE],
}


FILES = file_answers(
    (form.media_type for form in FORMS.values()),
    description="The backlog as a file.",
    schemas={
        "application/json": {"type": "array", "items": {"type": "object"}},
        "application/x-ndjson": {"type": "object", "description": "One requirement in each line."},
    },
)

router = Router(prefix="/v1/requirements", tags=["Requirements"])
Backlog = Annotated[BacklogService, Depends(BacklogService)]


@router.post(scope="requirements:write", example=RELIABLE_EXPORT)
async def create_requirement(new: RequirementCreate, backlog: Backlog) -> Created[RequirementRead]:
    """Make a requirement.

    By itself, or from a theme: then the theme lends its name, and its most typical pieces of feedback are quoted as
    evidence unless you bring your own. Each quote must stand in its feedback word for word; where it stands is kept
    with it. Estimates are ranges, or single numbers where you are sure.
    """
    return created(await backlog.create(new))


@router.get(scope="requirements:read")
async def list_requirements(
    backlog: Backlog,
    page: Paging,
    status: Annotated[RequirementStatus | None, Query(description="Only those in this state.")] = None,
    theme_id: Annotated[UUID | None, Query(description="Only those from this theme.")] = None,
) -> Page[RequirementRead]:
    """List requirements, newest first."""
    return await list_page(
        backlog.work,
        backlog.requirements.matching(status=status, theme_id=theme_id),
        page,
        model=Requirement,
        subject_type="requirement",
        read=RequirementRead.model_validate,
        filters={"status": status, "theme_id": theme_id},
    )


@router.get("/export", scope="requirements:read", unit_of_work=False, extra=FILES)
async def export_requirements(
    request: Request,
    form: Annotated[ExportFormat, Query(alias="format", description="How the file is written.")] = "csv",
    status: Annotated[RequirementStatus | None, Query(description="Only those in this state.")] = None,
) -> Response:
    """Take the backlog away as a file.

    CSV for spreadsheets, in which no cell is run as a formula; JSON and NDJSON as the API tells each requirement;
    Markdown to read. Oldest first, however many there are.
    """
    context, me = request.app.state.context, request.state.principal

    async def requirements() -> AsyncIterator[Sequence[RequirementRead]]:
        async with context.database.session(workspace_id=me.workspace_id, read_only=True) as session:
            rows = RequirementRepository(session)
            async for batch in rows.batches(rows.matching(status=status, theme_id=None)):
                yield [RequirementRead.model_validate(row) for row in batch]

    chosen = FORMS[form]
    headers = {
        "Content-Disposition": f'attachment; filename="requirements.{chosen.extension}"',
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(written(chosen, requirements()), headers=headers, media_type=chosen.media_type)


@router.get("/{requirement_id}", scope="requirements:read")
async def get_requirement(
    requirement_id: UUID,
    backlog: Backlog,
    as_of: Annotated[Timestamp | None, Query(description="As it stood then; 404 before it was made.")] = None,
) -> RequirementRead:
    """Read a requirement, as it is or as it was."""
    if as_of is not None:
        return await history.as_of(backlog.work, requirement_id, as_of)
    return RequirementRead.model_validate(await backlog.requirements.get(requirement_id))


@router.patch("/{requirement_id}", scope="requirements:write", example={"estimates": {"confidence": 0.9}})
async def update_requirement(
    requirement_id: UUID, change: RequirementUpdate, backlog: Backlog, if_match: IfMatch
) -> RequirementRead:
    """Change a requirement.

    Its status changes by transitions, and by what roadmap and metrics report.
    """
    return RequirementRead.model_validate(await backlog.update(requirement_id, change, if_match=if_match))


@router.post(
    "/{requirement_id}/transitions",
    scope="requirements:write",
    example={"to": "declined", "reason": "Solved by the new importer."},
)
async def transition_requirement(
    requirement_id: UUID, step: RequirementTransitionCreate, backlog: Backlog
) -> RequirementRead:
    """Take a requirement to another status.

    draft, candidate, committed, in_progress, shipped, measured; or declined, with a reason. A step that its life does
    not have is answered with 409, which names the ones it has.
    """
    return RequirementRead.model_validate(await backlog.take_step(requirement_id, step))


@router.get("/{requirement_id}/history", scope="requirements:read")
async def get_requirement_history(
    requirement_id: UUID,
    backlog: Backlog,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Only versions below this one.")] = None,
) -> RequirementHistoryRead:
    """Read every version of a requirement, newest first: what it was, since when, and who made it so."""
    return await backlog.history(requirement_id, before=before)


@router.get("/{requirement_id}/accounts", scope="requirements:read")
async def get_requirement_accounts(requirement_id: UUID, backlog: Backlog) -> AccountsRead:
    """Read whose evidence it is: by company, the strongest voices first."""
    return await backlog.accounts(requirement_id)


@router.post("/{requirement_id}/evidence", scope="requirements:write", example=QUOTE)
async def create_requirement_evidence(
    requirement_id: UUID, new: EvidenceCreate, backlog: Backlog
) -> Created[EvidenceRead]:
    """Rest a requirement on a quote."""
    return created(await backlog.add_evidence(requirement_id, new))


@router.get("/{requirement_id}/evidence", scope="requirements:read")
async def list_requirement_evidence(requirement_id: UUID, backlog: Backlog, page: Paging) -> Page[EvidenceRead]:
    """List the quotes that a requirement rests on, newest first."""
    await backlog.requirements.get(requirement_id)
    return await list_page(
        backlog.work,
        backlog.evidence.of(requirement_id),
        page,
        model=Evidence,
        subject_type="evidence",
        read=EvidenceRead.model_validate,
        filters={"requirement_id": requirement_id},
    )


@router.get("/{requirement_id}/evidence/{evidence_id}", scope="requirements:read")
async def get_requirement_evidence(requirement_id: UUID, evidence_id: UUID, backlog: Backlog) -> EvidenceRead:
    """Read a quote and where it stands."""
    return EvidenceRead.model_validate(await backlog.evidence.get_of(requirement_id, evidence_id))


@router.delete("/{requirement_id}/evidence/{evidence_id}", scope="requirements:write")
async def delete_requirement_evidence(
    requirement_id: UUID, evidence_id: UUID, backlog: Backlog, if_match: IfMatch
) -> None:
    """Take a quote away from a requirement."""
    await backlog.remove_evidence(requirement_id, evidence_id, if_match=if_match)
