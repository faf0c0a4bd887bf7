"""What the edge asks its database before a workspace is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, LargeBinary, RowMapping, Text, Uuid, bindparam, text

from gateway.identity.caller import Caller, effective_scopes
from gateway.identity.networks import networks_of
from services.chassis.database import Database
from services.chassis.identity import Principal, Role

_FIND = text("SELECT * FROM find_api_key(:digest)").bindparams(bindparam("digest", type_=LargeBinary))
_FIND_MEMBERS = text("SELECT * FROM find_members(:issuer, :subject, :email)").bindparams(
    *(bindparam(name, type_=Text) for name in ("issuer", "subject", "email"))
)
# An id is of a key or of a member: each function writes those that it knows.
_TOUCH = text("SELECT touch_api_keys(:callers, :moments), touch_members(:workspaces, :callers, :moments)").bindparams(
    bindparam("workspaces", type_=ARRAY(Uuid)),
    bindparam("callers", type_=ARRAY(Uuid)),
    bindparam("moments", type_=ARRAY(DateTime(timezone=True))),
)
_ORIGIN = text("SELECT is_allowed_origin(:origin)").bindparams(bindparam("origin", type_=Text))


class KeyDirectory:
    """Finds callers by digest, over all workspaces, through functions that can do nothing else."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, digest: bytes) -> Caller | None:
        """The caller behind a key that has not been revoked."""
        async with self._database.transaction(workspace_id=None) as session:
            row = (await session.execute(_FIND, {"digest": digest})).mappings().one_or_none()
        return _caller(row) if row is not None and row["revoked_at"] is None else None

    async def touch(self, used: Mapping[tuple[UUID, UUID], datetime]) -> None:
        """Note when keys were last used and members last seen, each by its workspace and its id."""
        async with self._database.transaction(workspace_id=None) as session:
            await session.execute(
                _TOUCH,
                {
                    "workspaces": [workspace_id for workspace_id, _ in used],
                    "callers": [caller_id for _, caller_id in used],
                    "moments": list(used.values()),
                },
            )

    async def is_allowed_origin(self, origin: str) -> bool:
        """Whether any workspace or key lets pages of this origin in."""
        async with self._database.transaction(workspace_id=None) as session:
            return bool(await session.scalar(_ORIGIN, {"origin": origin}))


@dataclass(frozen=True)
class Membership:
    """What somebody is in one workspace; not joined means that they are invited to it."""

    member_id: UUID
    workspace_id: UUID
    workspace_name: str
    workspace_kind: str
    role: Role
    allowed_origins: frozenset[str]
    is_joined: bool


class MemberDirectory:
    """Finds people over all workspaces, through a function that can do nothing else."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def memberships(self, issuer: str, subject: str, email: str | None) -> Sequence[Membership]:
        """Where this person is a member or, by their address, invited; those that have joined come first."""
        wanted = {"issuer": issuer, "subject": subject, "email": email}
        async with self._database.transaction(workspace_id=None) as session:
            rows = (await session.execute(_FIND_MEMBERS, wanted)).mappings().all()
        return [Membership(**{**row, "allowed_origins": frozenset(row["allowed_origins"])}) for row in rows]


def _caller(row: RowMapping) -> Caller:
    scopes = effective_scopes(row["role"], row["scopes"])
    return Caller(
        id=row["key_id"],
        principal=Principal(f"key:{row['key_id']}", "key", row["workspace_id"], row["role"], scopes),
        workspace_kind=row["workspace_kind"],
        allowed_origins=frozenset(row["allowed_origins"]),
        expires_at=row["expires_at"],
        allowed_networks=networks_of(row["allowed_networks"]),
        is_form=row["kind"] == "form",
    )
