"""The only SQL about revenue, one by one."""

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, func

from services.chassis.errors import NotFound
from services.chassis.repository import Repository
from services.requirements.models import CompanyRevenue


class RevenueRepository(Repository[CompanyRevenue]):
    """Revenue of the companies of one workspace."""

    model: ClassVar[Any] = CompanyRevenue

    def of(self, company_id: UUID) -> Select[CompanyRevenue]:
        return self.rows().where(CompanyRevenue.company_id == company_id)

    async def get_of(self, company_id: UUID, revenue_id: UUID, *, lock: bool = False) -> CompanyRevenue:
        """Raises NotFound, also when it is another company's."""
        revenue = await self.find(revenue_id, lock=lock)
        if revenue is None or revenue.company_id != company_id:
            raise NotFound(f"There is no revenue {revenue_id} of this company.")
        return revenue

    async def overlaps(
        self, company_id: UUID, *, currency: str, valid_from: date, valid_until: date | None
    ) -> CompanyRevenue | None:
        """What holds in the same currency on one of these days."""
        query = self.of(company_id).where(
            CompanyRevenue.currency == currency, func.coalesce(CompanyRevenue.valid_until > valid_from, True)
        )
        if valid_until is not None:
            query = query.where(CompanyRevenue.valid_from < valid_until)
        return (await self.session.scalars(query.limit(1))).first()
