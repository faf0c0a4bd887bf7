"""Keeps contacts and companies as people correct them."""

from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import FieldError, UnknownReference
from services.chassis.repository import Repository
from services.chassis.unit_of_work import Work
from services.requirements.customers.repository import CompanyRepository, ContactRepository
from services.requirements.customers.schemas import CompanyUpdate, ContactUpdate
from services.requirements.models import Company, Contact


class CustomerService:
    """Reads and corrects contacts and companies; they are made by the feedback that names them."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def companies(self) -> CompanyRepository:
        return CompanyRepository(self.work.session)

    @property
    def contacts(self) -> ContactRepository:
        return ContactRepository(self.work.session)

    async def update_company(self, company_id: UUID, change: CompanyUpdate, *, if_match: Precondition) -> Company:
        company: Company = await self._change(self.companies, company_id, change.changes(), if_match=if_match)
        await self._tell("company.updated", company)
        return company

    async def update_contact(self, contact_id: UUID, change: ContactUpdate, *, if_match: Precondition) -> Contact:
        """Raises UnknownReference when there is no such company."""
        changes = change.changes()
        company_id = changes.get("company_id")
        if company_id is not None and await self.companies.find(company_id) is None:
            raise UnknownReference(errors=[FieldError("/company_id", f"There is no company {company_id}.", "unknown")])
        contact: Contact = await self._change(self.contacts, contact_id, changes, if_match=if_match)
        await self._tell("contact.updated", contact)
        return contact

    async def _change(
        self, rows: Repository[Any], row_id: UUID, changes: dict[str, Any], *, if_match: Precondition
    ) -> Any:
        row = await rows.get(row_id, lock=True)
        if_match.check(row)
        for name, value in changes.items():
            setattr(row, "attributes" if name == "metadata" else name, value)
        await self.work.session.flush()
        return row

    async def _tell(self, kind: str, row: Company | Contact) -> None:
        await self.work.events.append(kind, subject_type=row.__tablename__, subject_id=row.id, version=row.version)
