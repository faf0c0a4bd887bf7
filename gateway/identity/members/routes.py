"""Routes under /v1/members."""

from uuid import UUID

from gateway.identity.members.schemas import MemberCreate, MemberRead, MemberUpdate
from gateway.identity.members.service import SUBJECT, MemberService
from gateway.models import Member
from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.chassis.unit_of_work import Work

router = Router(prefix="/v1/members", tags=["Members"])

NEW_PLANNER = {"email": "ada@example.com", "name": "Ada", "role": "planner"}


@router.post(scope="admin:write", example=NEW_PLANNER)
async def create_member(new: MemberCreate, work: Work) -> Created[MemberRead]:
    """Invite somebody.

    They are a member as soon as they sign in with your OpenID Connect provider: known by the e-mail address that the
    provider has verified, or by `issuer` and `subject`. No mail is sent: tell them yourself. You cannot give a role
    that may do more than you.
    """
    return created(await MemberService(work).invite(new))


@router.get(scope="admin:read")
async def list_members(work: Work, page: Paging) -> Page[MemberRead]:
    """List the workspace's members, those who are only invited too, newest first."""
    query = MemberService(work).members.rows()
    return await list_page(work, query, page, model=Member, subject_type=SUBJECT, read=MemberRead.model_validate)


@router.get("/{member_id}", scope="admin:read")
async def get_member(member_id: UUID, work: Work) -> MemberRead:
    """Read a member."""
    return MemberRead.model_validate(await MemberService(work).members.get(member_id))


@router.patch("/{member_id}", scope="admin:write", example={"role": "viewer"}, answers=(409,))
async def update_member(member_id: UUID, change: MemberUpdate, work: Work, if_match: IfMatch) -> MemberRead:
    """Change a member's role or name.

    A new role works within a second. The last admin who can sign in stays one: 409 `last_admin`.
    """
    return MemberRead.model_validate(await MemberService(work).update(member_id, change.changes(), if_match=if_match))


@router.delete("/{member_id}", scope="admin:write", answers=(409,))
async def delete_member(member_id: UUID, work: Work, if_match: IfMatch) -> None:
    """Remove a member, or withdraw an invitation.

    Whoever is removed is refused within a second, and the streams that they follow end. What they did stays, under
    their id. The last admin who can sign in cannot be removed: 409 `last_admin`.
    """
    await MemberService(work).remove(member_id, if_match=if_match)
