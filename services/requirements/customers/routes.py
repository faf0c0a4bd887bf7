"""HTTP for contacts and companies."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import DomainName, ExternalId, Page
from services.requirements.customers.schemas import (
    CompanyCreate,
    CompanyRead,
    CompanyUpdate,
    ContactCreate,
    ContactRead,
    ContactUpdate,
    Email,
)
from services.requirements.customers.service import CustomerService
from services.requirements.models import Company, Contact

companies = Router(prefix="/v1/companies", tags=["Customers"])
contacts = Router(prefix="/v1/contacts", tags=["Customers"])
Customers = Annotated[CustomerService, Depends(CustomerService)]
ExternalIdFilter = Annotated[ExternalId | None, Query(description="Only the one with your own id.")]
SegmentFilter = Annotated[UUID | None, Query(description="Only those who belong to this segment today.")]

EXAMPLE_LTD = {
    "name": "Example Research Ltd",
    "domain": "research.example.org",
    "other_domains": ["research.example.net"],
    "source": "crm",
    "external_id": "account-17",
    "other_ids": [{"source": "billing", "external_id": "cus_17"}],
}
GRACE = {"name": "Grace Hopper", "email": "grace@research.example.org", "source": "crm", "external_id": "person-9"}


@companies.post(scope="feedback:write", example=EXAMPLE_LTD)
async def create_company(new: CompanyCreate, customers: Customers) -> Created[CompanyRead]:
    """Record a company.

    Feedback makes the companies that it names by itself; this is for those that you know beforehand, with all their
    domains and ids. A domain or an id that another company has is answered with 409.
    """
    return created(CompanyRead.model_validate(await customers.create_company(new)))


@companies.get(scope="feedback:read")
async def list_companies(
    customers: Customers,
    page: Paging,
    *,
    domain: Annotated[DomainName | None, Query(description="Only the one with this domain.")] = None,
    external_id: ExternalIdFilter = None,
    segment_id: SegmentFilter = None,
) -> Page[CompanyRead]:
    """List companies, newest first; those that were merged into another are not listed."""
    rule = await customers.rule_of(segment_id, subject="company")
    filters = {"domain": domain, "external_id": external_id, "segment_id": segment_id}
    return await list_page(
        customers.work,
        customers.companies.matching(domain=domain, external_id=external_id, rule=rule),
        page,
        model=Company,
        subject_type="company",
        read=CompanyRead.model_validate,
        filters=filters,
    )


@companies.get("/{company_id}", scope="feedback:read")
async def get_company(company_id: UUID, customers: Customers) -> CompanyRead:
    """Read a company."""
    return CompanyRead.model_validate(await customers.companies.get(company_id))


@companies.patch("/{company_id}", scope="feedback:write", example={"name": "Example Ltd"})
async def update_company(
    company_id: UUID, change: CompanyUpdate, customers: Customers, if_match: IfMatch
) -> CompanyRead:
    """Correct a company.

    A domain that another company has already is answered with 409.
    """
    return CompanyRead.model_validate(await customers.update_company(company_id, change, if_match=if_match))


@contacts.post(scope="feedback:write", example=GRACE)
async def create_contact(new: ContactCreate, customers: Customers) -> Created[ContactRead]:
    """Record a contact.

    Feedback makes the contacts that it names by itself. An address or an id that another contact has is answered with
    409: merge the two if they are one.
    """
    return created(ContactRead.model_validate(await customers.create_contact(new)))


@contacts.get(scope="feedback:read")
async def list_contacts(
    customers: Customers,
    page: Paging,
    *,
    email: Annotated[Email | None, Query(description="Only the one with this address.")] = None,
    external_id: ExternalIdFilter = None,
    company_id: Annotated[UUID | None, Query(description="Only people of this company.")] = None,
    segment_id: SegmentFilter = None,
) -> Page[ContactRead]:
    """List contacts, newest first; those who were merged into another are not listed."""
    rule = await customers.rule_of(segment_id, subject="contact")
    return await list_page(
        customers.work,
        customers.contacts.matching(email=email, external_id=external_id, company_id=company_id, rule=rule),
        page,
        model=Contact,
        subject_type="contact",
        read=ContactRead.model_validate,
        filters={"email": email, "external_id": external_id, "company_id": company_id, "segment_id": segment_id},
    )


@contacts.get("/{contact_id}", scope="feedback:read")
async def get_contact(contact_id: UUID, customers: Customers) -> ContactRead:
    """Read a contact."""
    return ContactRead.model_validate(await customers.contacts.get(contact_id))


@contacts.patch("/{contact_id}", scope="feedback:write", example={"name": "Ada Lovelace"})
async def update_contact(
    contact_id: UUID, change: ContactUpdate, customers: Customers, if_match: IfMatch
) -> ContactRead:
    """Correct a contact.

    An e-mail address that another contact has already is answered with 409.
    """
    return ContactRead.model_validate(await customers.update_contact(contact_id, change, if_match=if_match))
