"""Routes /v1/me and /v1/workspace."""

from typing import cast
from uuid import UUID

from gateway.identity.workspaces.repository import WorkspaceRepository
from gateway.identity.workspaces.schemas import (
    MemberName,
    MeRead,
    RateLimit,
    WorkspaceName,
    WorkspaceRead,
    WorkspaceUpdate,
)
from gateway.settings import GatewaySettings
from services.chassis.concurrency import IfMatch
from services.chassis.identity import ANY_CALLER
from services.chassis.routing import Router
from services.chassis.unit_of_work import Me, Work

router = Router(prefix="/v1", tags=["Workspace"])


@router.get("/me", scope=ANY_CALLER)
async def get_me(work: Work, me: Me) -> MeRead:
    """Find out who you are.

    Answers the caller that your key or token stands for, their workspace, what they may do, and their rate limit.
    """
    repository = WorkspaceRepository(work.session)
    member = await repository.member(UUID(me.id.partition(":")[2])) if me.kind == "person" else None
    settings = cast("GatewaySettings", work.context.settings)
    return MeRead(
        id=me.id,
        kind=me.kind,
        workspace=WorkspaceName.model_validate(await repository.current()),
        member=None if member is None else MemberName.model_validate(member),
        role=me.role,
        scopes=sorted(me.scopes),
        rate_limit=RateLimit(requests=settings.rate_limit_requests, window_s=settings.rate_limit_window_s),
    )


@router.get("/workspace", scope="admin:read")
async def get_workspace(work: Work) -> WorkspaceRead:
    """Read your workspace."""
    return WorkspaceRead.model_validate(await WorkspaceRepository(work.session).current())


@router.patch("/workspace", scope="admin:write", example={"allowed_origins": ["https://app.example.com"]})
async def update_workspace(change: WorkspaceUpdate, work: Work, if_match: IfMatch) -> WorkspaceRead:
    """Change your workspace.

    `allowed_origins` lists the web pages that may call the API from a browser; it works at once.
    """
    workspace = await WorkspaceRepository(work.session).current(lock=True)
    if_match.check(workspace)
    for name, value in change.changes().items():
        setattr(workspace, name, value)
    workspace.updated_at = work.clock.now()
    await work.session.flush()
    await work.events.append(
        "workspace.updated", subject_type="workspace", subject_id=workspace.id, version=workspace.version
    )
    return WorkspaceRead.model_validate(workspace)
