"""Links by which a person leaves, signed so that nobody can leave for another."""

from uuid import UUID

from services.chassis.context import ServiceContext
from services.chassis.errors import BadRequest, NotFound
from services.requirements.followup.service import TOKEN


def unsubscribe_link(context: ServiceContext, *, workspace_id: UUID, contact_id: UUID) -> str:
    """Where one contact leaves; it does not expire, for people find old mail."""
    token = context.cursors.seal(TOKEN, [str(workspace_id), str(contact_id)])
    return f"{context.settings.gateway_url.rstrip('/')}/v1/unsubscribe?token={token}"


def opened(context: ServiceContext, token: str) -> tuple[UUID, UUID]:
    """Workspace and contact. Raises NotFound for a link that was not given out here."""
    try:
        workspace_id, contact_id = context.cursors.open(TOKEN, token)
    except BadRequest:
        raise NotFound("This link is not one that was given out here.") from None
    return UUID(workspace_id), UUID(contact_id)
