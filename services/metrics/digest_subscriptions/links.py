"""Links by which a subscriber leaves, signed so that nobody can leave for another."""

from uuid import UUID

from services.chassis.context import ServiceContext
from services.chassis.errors import BadRequest, NotFound

PATH = "/v1/digest-unsubscribe"
PURPOSE = "digest-unsubscribe"


def leaving_link(context: ServiceContext, *, workspace_id: UUID, subscription_id: UUID) -> str:
    """It does not expire, for people find old mail."""
    token = context.cursors.seal(PURPOSE, [str(workspace_id), str(subscription_id)])
    return f"{context.settings.gateway_url.rstrip('/')}{PATH}?token={token}"


def opened(context: ServiceContext, token: str) -> tuple[UUID, UUID]:
    """Workspace and subscription. Raises NotFound for a link that was not given out here."""
    try:
        workspace_id, subscription_id = context.cursors.open(PURPOSE, token)
    except BadRequest:
        raise NotFound("This link is not one that was given out here.") from None
    return UUID(workspace_id), UUID(subscription_id)
