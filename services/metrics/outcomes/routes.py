"""HTTP for outcomes."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.metrics.domain.impact import Verdict
from services.metrics.outcomes.schemas import EvaluationRead, OutcomeRead, State
from services.metrics.outcomes.service import OutcomeService

router = Router(prefix="/v1/outcomes", tags=["Outcomes"])
Outcomes = Annotated[OutcomeService, Depends(OutcomeService)]


@router.get(scope="metrics:read")
async def list_outcomes(
    outcomes: Outcomes,
    page: Paging,
    *,
    feature_id: Annotated[UUID | None, Query(description="Only outcomes of this feature.")] = None,
    kpi_id: Annotated[UUID | None, Query(description="Only outcomes on this KPI.")] = None,
    state: Annotated[State | None, Query(description="Only outcomes in this state.")] = None,
    verdict: Annotated[Verdict | None, Query(description="Only outcomes with this verdict.")] = None,
) -> Page[OutcomeRead]:
    """List outcomes, newest first.

    An outcome opens by itself when a feature ships that promised an effect on a KPI.
    """
    return await outcomes.search(page, feature_id=feature_id, kpi_id=kpi_id, state=state, verdict=verdict)


@router.get("/{outcome_id}", scope="metrics:read")
async def get_outcome(outcome_id: UUID, outcomes: Outcomes) -> OutcomeRead:
    """Read an outcome: what was promised, and what is known of it."""
    return await outcomes.get(outcome_id)


@router.post("/{outcome_id}/evaluations", scope="metrics:write")
async def create_outcome_evaluation(outcome_id: UUID, outcomes: Outcomes) -> Created[EvaluationRead]:
    """Judge an outcome now.

    Outcomes are judged by themselves as data comes; ask when you have corrected data, or cannot wait. Before the agreed
    window ends, an effect has to be beyond doubt (99.9 %) to be called one, so that asking often does not help.
    """
    evaluation = await outcomes.evaluate(outcome_id)
    return created(evaluation, location=f"/v1/outcomes/{outcome_id}/evaluations/{evaluation.id}")


@router.get("/{outcome_id}/evaluations", scope="metrics:read")
async def list_outcome_evaluations(outcome_id: UUID, outcomes: Outcomes, page: Paging) -> Page[EvaluationRead]:
    """List every look at an outcome that was kept, newest first."""
    return await outcomes.history(outcome_id, page)


@router.get("/{outcome_id}/evaluations/{evaluation_id}", scope="metrics:read")
async def get_outcome_evaluation(outcome_id: UUID, evaluation_id: UUID, outcomes: Outcomes) -> EvaluationRead:
    """Read one look at an outcome, with everything that its verdict rests on."""
    return await outcomes.evaluation(outcome_id, evaluation_id)
