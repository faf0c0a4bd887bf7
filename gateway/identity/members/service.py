"""Invites people, changes what they may do, lets them in and removes them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gateway.identity.caller import require_to_have
from gateway.identity.members.repository import MemberRepository
from gateway.identity.members.schemas import MemberCreate
from gateway.models import Member
from services.chassis.concurrency import Precondition
from services.chassis.errors import Conflict
from services.chassis.identity import SCOPES_OF_ROLE
from services.chassis.unit_of_work import UnitOfWork

SUBJECT = "member"


class LastAdmin(Conflict):
    code, title = "last_admin", "This is the last admin who can sign in"


class MemberService:
    """Changes members within one unit of work."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self.members = MemberRepository(work.session)

    async def invite(self, new: MemberCreate) -> Member:
        """Raises Forbidden for a role that could do more than whoever gives it."""
        require_to_have(SCOPES_OF_ROLE[new.role], by=self._work.principal)
        member = await self.members.add(Member(**new.fields(), invited_by=self._work.principal.id))
        await self._tell("member.invited", member)
        return member

    async def update(self, member_id: UUID, changes: Mapping[str, Any], *, if_match: Precondition) -> Member:
        """Raises LastAdmin, Forbidden."""
        member = await self._held(member_id, if_match, keeps_admin=changes.get("role") in {None, "admin"})
        if "role" in changes:
            require_to_have(SCOPES_OF_ROLE[changes["role"]], by=self._work.principal)
        for name, value in changes.items():
            setattr(member, name, value)
        await self._work.session.flush()
        await self._tell("member.updated", member)
        return member

    async def remove(self, member_id: UUID, *, if_match: Precondition) -> None:
        """From now on they are nobody here, within a second. Raises LastAdmin."""
        member = await self._held(member_id, if_match, keeps_admin=False)
        await self._work.events.append(
            "member.removed", subject_type=SUBJECT, subject_id=member.id, version=member.version + 1
        )
        await self.members.remove(member)

    async def join(self, member_id: UUID, *, issuer: str, subject: str, name: str) -> bool:
        """They sign in for the first time. False when somebody else did so with this invitation."""
        member = await self.members.get(member_id, lock=True)
        if member.subject is not None and (member.issuer, member.subject) != (issuer, subject):
            return False
        if member.joined_at is None:
            member.issuer, member.subject = issuer, subject
            member.name = member.name or name
            member.joined_at = self._work.clock.now()
            await self._work.session.flush()
            await self._tell("member.joined", member)
        return True

    async def _held(self, member_id: UUID, if_match: Precondition, *, keeps_admin: bool) -> Member:
        """The member, locked; where this would take an admin away, all admins are locked before."""
        admins = set() if keeps_admin else await self.members.lock_admins()
        member = await self.members.get(member_id, lock=True)
        if_match.check(member)
        if admins == {member_id}:
            raise LastAdmin("Make somebody else an admin first, and let them sign in.")
        return member

    async def _tell(self, event: str, member: Member) -> None:
        await self._work.events.append(event, subject_type=SUBJECT, subject_id=member.id, version=member.version)
