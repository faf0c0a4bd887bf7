"""Keeps what companies pay, each time with its own amount."""

from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import Conflict
from services.chassis.unit_of_work import Work
from services.requirements.customers.repository import CompanyRepository
from services.requirements.customers.service import MergedAway
from services.requirements.models import CompanyRevenue
from services.requirements.revenues.repository import RevenueRepository
from services.requirements.revenues.schemas import RevenueCreate


class Overlapping(Conflict):
    code, title = "revenue_overlaps", "Another amount in this currency holds on some of these days"


class RevenueService:
    """What callers do with revenue."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def revenues(self) -> RevenueRepository:
        return RevenueRepository(self.work.session)

    async def require_company(self, company_id: UUID) -> None:
        """Raises NotFound."""
        await CompanyRepository(self.work.session).get(company_id)

    async def create(self, company_id: UUID, new: RevenueCreate) -> CompanyRevenue:
        """Ends what held until then and names no end. Raises Overlapping, MergedAway."""
        company = await CompanyRepository(self.work.session).get(company_id, lock=True)
        if company.merged_into_id is not None:
            raise MergedAway(kept_id=str(company.merged_into_id))
        found = await self.revenues.overlaps(
            company_id, currency=new.annual.currency, valid_from=new.valid_from, valid_until=new.valid_until
        )
        if found is not None and found.valid_until is None and found.valid_from < new.valid_from:
            found.valid_until = new.valid_from
            await self._tell("company_revenue.updated", found)
            found = await self.revenues.overlaps(
                company_id, currency=new.annual.currency, valid_from=new.valid_from, valid_until=new.valid_until
            )
        if found is not None:
            raise Overlapping(overlaps=str(found.id))
        revenue = await self.revenues.add(
            CompanyRevenue(
                company_id=company_id,
                annual_minor=new.annual.amount_minor,
                currency=new.annual.currency,
                valid_from=new.valid_from,
                valid_until=new.valid_until,
            )
        )
        await self._tell("company_revenue.created", revenue)
        return revenue

    async def delete(self, company_id: UUID, revenue_id: UUID, *, if_match: Precondition) -> None:
        revenue = await self.revenues.get_of(company_id, revenue_id, lock=True)
        if_match.check(revenue)
        await self.revenues.remove(revenue)
        await self._tell("company_revenue.deleted", revenue, version=revenue.version + 1)

    async def _tell(self, kind: str, revenue: CompanyRevenue, *, version: int | None = None) -> None:
        await self.work.session.flush()
        await self.work.events.append(
            kind,
            subject_type="company_revenue",
            subject_id=revenue.id,
            version=version or revenue.version,
            data={"company_id": revenue.company_id, "currency": revenue.currency},
        )
