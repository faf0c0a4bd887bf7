"""The only SQL about contacts and companies that goes one by one; many at once are in `references.py`."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select

from services.chassis.repository import Repository
from services.requirements.models import Company, Contact


class CompanyRepository(Repository[Company]):
    """Companies of one workspace."""

    model: ClassVar[Any] = Company

    def matching(self, *, domain: str | None, external_id: str | None) -> Select[Company]:
        query = self.rows()
        if domain is not None:
            query = query.where(Company.domain == domain)
        if external_id is not None:
            query = query.where(Company.external_id == external_id)
        return query


class ContactRepository(Repository[Contact]):
    """Contacts of one workspace."""

    model: ClassVar[Any] = Contact

    def matching(self, *, email: str | None, external_id: str | None, company_id: UUID | None) -> Select[Contact]:
        query = self.rows()
        if email is not None:
            query = query.where(Contact.email == email)
        if external_id is not None:
            query = query.where(Contact.external_id == external_id)
        if company_id is not None:
            query = query.where(Contact.company_id == company_id)
        return query
