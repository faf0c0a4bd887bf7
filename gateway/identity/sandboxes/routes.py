"""Routes under /v1/workspace/sandbox."""

from gateway.identity.sandboxes.schemas import SandboxKeyCreate, SandboxKeyCreated, SandboxRead
from gateway.identity.sandboxes.service import SandboxService
from services.chassis.answers import Created, created
from services.chassis.routing import Router
from services.chassis.unit_of_work import Work

router = Router(prefix="/v1/workspace/sandbox", tags=["Workspace"])


@router.post("/keys", scope="admin:write", example={"name": "Trying out the import"}, answers=(409,))
async def create_sandbox_key(new: SandboxKeyCreate, work: Work) -> Created[SandboxKeyCreated]:
    """Make a key for your sandbox.

    The sandbox is a workspace of its own, opened with its first key: everything that the API does can be tried there,
    and nothing of yours is in it. A `fc_test_` key reaches the sandbox alone: it sees none of your feedback, members,
    keys or webhooks, whatever it does changes none of them, and a key of yours does not see the sandbox either. Within
    the sandbox this key is an admin: make narrower ones there with `POST /v1/api-keys`, and revoke them there.
    """
    made = await SandboxService(work).issue_key(new.name)
    return created(made, location=f"/v1/api-keys/{made.id}")


@router.get(scope="admin:read", answers=(404,))
async def get_sandbox(work: Work) -> SandboxRead:
    """Read whether there is a sandbox, and how many of its keys work."""
    return await SandboxService(work).read()
