"""What the edge asks of this service alone: whom a contact stands for."""

from uuid import UUID

from services.chassis.identity import INTERNAL_SCOPE
from services.chassis.privacy.holdings import DataSubject
from services.chassis.routing import Router
from services.chassis.unit_of_work import Work
from services.requirements.customers.repository import ContactRepository
from services.requirements.privacy.holdings import data_subject

router = Router(prefix="/internal/personal-data/subjects", tags=["internal"])


@router.get("/{contact_id}", scope=INTERNAL_SCOPE, include_in_schema=False)
async def get_data_subject(contact_id: UUID, work: Work) -> DataSubject:
    """The contact, with every id under which something of theirs is kept."""
    contact = await ContactRepository(work.session).get(contact_id)
    return await data_subject(work.session, contact)
