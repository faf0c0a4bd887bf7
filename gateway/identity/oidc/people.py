"""From a person's token to a caller: which member of which workspace this is."""

from collections.abc import Sequence
from uuid import UUID

from gateway.identity.caller import Caller, effective_scopes
from gateway.identity.members.service import MemberService
from gateway.identity.oidc.keys import KeyRing
from gateway.identity.oidc.tokens import Identity, TokenReader
from gateway.identity.repository import MemberDirectory, Membership
from gateway.settings import OidcIssuer
from services.chassis.context import ServiceContext
from services.chassis.errors import BadRequest, Forbidden
from services.chassis.identity import Principal
from services.chassis.outbound.client import OutboundClient
from services.chassis.unit_of_work import UnitOfWork


class NotAMember(Forbidden):
    code, title = "not_a_member", "You are not a member here"


class WorkspaceRequired(BadRequest):
    code, title = "workspace_required", "Say which of your workspaces you mean"


class People:
    """Knows members by their tokens, and lets in who was invited."""

    def __init__(self, context: ServiceContext, reader: TokenReader) -> None:
        self._context = context
        self._reader = reader
        self._directory = MemberDirectory(context.database)

    async def find(self, token: bytes, workspace: bytes) -> Caller:
        """The member behind a token, in the workspace that the header names, if it must name one.

        Raises Unauthenticated, NotAMember, WorkspaceRequired, Unavailable.
        """
        identity = await self._reader.read(token)
        memberships = await self._directory.memberships(identity.issuer, identity.subject, identity.email)
        membership = _chosen(memberships, workspace)
        person = Principal(
            f"person:{membership.member_id}",
            "person",
            membership.workspace_id,
            membership.role,
            effective_scopes(membership.role, [*identity.scopes]),
        )
        if not membership.is_joined:
            await self._let_in(person, membership, identity)
        return Caller(
            id=membership.member_id,
            principal=person,
            workspace_kind=membership.workspace_kind,
            allowed_origins=membership.allowed_origins,
            expires_at=identity.expires_at,
        )

    async def _let_in(self, person: Principal, membership: Membership, identity: Identity) -> None:
        async with self._context.database.transaction(workspace_id=membership.workspace_id) as session:
            work = UnitOfWork(self._context, person, session=session)
            is_same = await MemberService(work).join(
                membership.member_id, issuer=identity.issuer, subject=identity.subject, name=identity.name
            )
            await work.audit.write()
        if not is_same:
            raise NotAMember("Somebody else has taken up this invitation.")


def people_of(context: ServiceContext, issuers: Sequence[OidcIssuer], outbound: OutboundClient) -> People | None:
    """Who may sign in; None without an issuer. Raises AddressRefused for an issuer that must not be called."""
    for issuer in issuers:
        outbound.check(issuer.jwks_url or issuer.issuer)
    rings = [KeyRing(issuer, outbound) for issuer in issuers]
    return People(context, TokenReader(rings)) if rings else None


def _chosen(memberships: Sequence[Membership], workspace: bytes) -> Membership:
    by_workspace: dict[UUID, Membership] = {}
    for each in memberships:  # those that have joined come first
        by_workspace.setdefault(each.workspace_id, each)
    if workspace:
        for workspace_id, membership in by_workspace.items():
            if str(workspace_id).encode("ascii") == workspace.lower():
                return membership
    elif len(by_workspace) == 1:
        return next(iter(by_workspace.values()))
    elif by_workspace:
        raise WorkspaceRequired(
            "You are a member of several: send the id of one as `Fullcircle-Workspace`.",
            workspaces=[{"id": str(each.workspace_id), "name": each.workspace_name} for each in by_workspace.values()],
        )
    raise NotAMember("Nobody has invited you to this workspace, or you were removed: ask one of its admins.")
