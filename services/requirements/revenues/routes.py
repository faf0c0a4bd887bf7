"""HTTP for revenue."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.requirements.models import CompanyRevenue
from services.requirements.revenues.schemas import RevenueCreate, RevenueRead
from services.requirements.revenues.service import RevenueService

TEAM_PLAN = {"annual": {"amount_minor": 1_200_000, "currency": "EUR"}, "valid_from": "2026-01-01"}

router = Router(prefix="/v1/companies/{company_id}/revenues", tags=["Customers"])
Revenues = Annotated[RevenueService, Depends(RevenueService)]


@router.post(scope="feedback:write", example=TEAM_PLAN)
async def create_revenue(company_id: UUID, new: RevenueCreate, revenues: Revenues) -> Created[RevenueRead]:
    """Say what a company pays.

    The amount is that of a year, in minor units, and holds from a day on. What held until then, without an end, ends on
    that day. Two amounts in one currency that hold on the same day are refused with 409.
    """
    return created(RevenueRead.model_validate(await revenues.create(company_id, new)))


@router.get(scope="feedback:read")
async def list_revenues(company_id: UUID, revenues: Revenues, page: Paging) -> Page[RevenueRead]:
    """List what a company has paid and pays, the last recorded first."""
    await revenues.require_company(company_id)
    return await list_page(
        revenues.work,
        revenues.revenues.of(company_id),
        page,
        model=CompanyRevenue,
        subject_type="company_revenue",
        read=RevenueRead.model_validate,
        filters={"company_id": company_id},
    )


@router.get("/{revenue_id}", scope="feedback:read")
async def get_revenue(company_id: UUID, revenue_id: UUID, revenues: Revenues) -> RevenueRead:
    """Read what a company pays for some time."""
    return RevenueRead.model_validate(await revenues.revenues.get_of(company_id, revenue_id))


@router.delete("/{revenue_id}", scope="feedback:write")
async def delete_revenue(company_id: UUID, revenue_id: UUID, revenues: Revenues, if_match: IfMatch) -> None:
    """Take back what was said of a company's revenue.

    What was frozen with feedback stays as it was known then.
    """
    await revenues.delete(company_id, revenue_id, if_match=if_match)
