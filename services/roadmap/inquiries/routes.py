"""HTTP for what is asked of a finished optimisation."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.chassis.answers import Accepted, accepted
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.inquiries.schemas import (
    ExplainCreate,
    FrontierCreate,
    InquiryRead,
    InquiryStarted,
    ValidationRead,
    WhatIfCreate,
)
from services.roadmap.inquiries.service import InquiryService
from services.roadmap.inquiries.validation import ValidationService

TEN_DAYS_MORE = {"changes": [{"kind": "budget", "name": "effort_days", "more": 10}]}

router = Router(prefix="/v1/optimizations/{optimization_id}", tags=["Optimisation"])
Inquiries = Annotated[InquiryService, Depends(InquiryService)]
Validations = Annotated[ValidationService, Depends(ValidationService)]


@router.post("/what-if", scope="roadmap:write", example=TEN_DAYS_MORE)
async def ask_what_if(optimization_id: UUID, new: WhatIfCreate, inquiries: Inquiries) -> Accepted[InquiryStarted]:
    """Ask what a change would bring.

    More budget, one more designer, a later date, a feature demanded or forbidden: each change is solved alone, and all
    together. The answer says how much more the plan would be worth (the shadow price), what it cannot exceed, and which
    features would come and go. The proposal itself stays as it is. Follow the operation, then read the inquiry at
    `/v1/optimizations/{optimization_id}/inquiries/{inquiry_id}`.
    """
    started = await inquiries.what_if(optimization_id, new)
    return accepted(started, operation_id=started.id)


@router.post("/frontier", scope="roadmap:write", example={"budget": "effort_days", "points": 8})
async def ask_frontier(optimization_id: UUID, new: FrontierCreate, inquiries: Inquiries) -> Accepted[InquiryStarted]:
    """Ask for value against a budget.

    Exact points of the frontier: for each, no choice is worth more for so little. Shows where more money stops paying.
    Of a selection only.
    """
    started = await inquiries.frontier(optimization_id, new)
    return accepted(started, operation_id=started.id)


@router.post("/explain", scope="roadmap:write", example={"feature_ids": ["01983a7c-9c10-7a52-8f3e-2d4b6c8e0f13"]})
async def ask_why(optimization_id: UUID, new: ExplainCreate, inquiries: Inquiries) -> Accepted[InquiryStarted]:
    """Ask why features are in the plan, or not.

    Solves again with each feature left out, if it was chosen, or demanded, if it was not: what is at stake, what would
    take its place, and, when it cannot be otherwise, the rules that stand against it.
    """
    started = await inquiries.explain(optimization_id, new)
    return accepted(started, operation_id=started.id)


@router.post("/validate", scope="roadmap:read", status=200)
async def validate_optimization(optimization_id: UUID, validations: Validations) -> ValidationRead:
    """Check whether a plan still holds.

    Asks the same question of the features, teams and pins as they are now, and checks the plan against it without any
    solver: which rules it breaks by now, by how much, and what it is worth today. Check before you adopt.
    """
    return await validations.validate(optimization_id)


@router.get("/inquiries", scope="roadmap:read")
async def list_inquiries(optimization_id: UUID, inquiries: Inquiries, page: Paging) -> Page[InquiryRead]:
    """List what was asked of an optimisation, last asked first."""
    return await inquiries.search(optimization_id, page)


@router.get("/inquiries/{inquiry_id}", scope="roadmap:read")
async def get_inquiry(optimization_id: UUID, inquiry_id: UUID, inquiries: Inquiries) -> InquiryRead:
    """Read an inquiry and its answer."""
    return await inquiries.get(optimization_id, inquiry_id)
