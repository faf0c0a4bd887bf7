"""HTTP for exports and erasures of a contact's data."""

from uuid import UUID

from gateway.compositions.privacy.schemas import ErasureCreate
from gateway.compositions.privacy.service import ERASE, EXPORT, PrivacyService
from services.chassis.answers import Accepted, accepted
from services.chassis.identity import Principal
from services.chassis.operations import OperationRead
from services.chassis.routing import Router
from services.chassis.unit_of_work import Me, Work


def privacy_router(privacy: PrivacyService) -> Router:
    """`POST /v1/contacts/{contact_id}/export` and `/erase`: one operation across all services."""
    router = Router(prefix="/v1/contacts", tags=["Privacy"])

    @router.post("/{contact_id}/export", scope="admin:write")
    async def export_contact(contact_id: UUID, work: Work, me: Me) -> Accepted[OperationRead]:
        """Export everything that is held of a person.

        The operation's `result` has their rows, service by service and table by table (GDPR, article 15).
        """
        await privacy.subject(contact_id, by=me)
        operation = await work.operations.start(EXPORT, _payload(contact_id, me))
        return accepted(operation, operation_id=operation.id)

    @router.post("/{contact_id}/erase", scope="admin:write", example={"dry_run": True})
    async def erase_contact(contact_id: UUID, erasure: ErasureCreate, work: Work, me: Me) -> Accepted[OperationRead]:
        """Erase a person.

        Their words, quotes, embeddings and identities go from every service, and the tables are written anew so that no
        byte stays in them (GDPR, article 17). Counts and decisions remain, without the words. The operation's `result`
        is the receipt. With `dry_run` it only counts what would be touched.
        """
        await privacy.subject(contact_id, by=me)
        operation = await work.operations.start(ERASE, _payload(contact_id, me) | {"dry_run": erasure.dry_run})
        return accepted(operation, operation_id=operation.id)

    return router


def _payload(contact_id: UUID, me: Principal) -> dict[str, object]:
    return {"contact_id": str(contact_id), "requested_by": me.id, "requested_as": me.kind}
