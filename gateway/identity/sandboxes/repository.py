"""The only SQL about sandboxes: by functions, because a workspace sees no other, not even its own sandbox."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, RowMapping, Text, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

_FIND = text("SELECT * FROM find_sandbox()")
_ISSUE = text("SELECT issue_sandbox_key(:sandbox_id, :key_id, :name, :digest, :hint, :maker, :moment)").bindparams(
    bindparam("sandbox_id", type_=Uuid),
    bindparam("key_id", type_=Uuid),
    bindparam("name", type_=Text),
    bindparam("digest", type_=LargeBinary),
    bindparam("hint", type_=Text),
    bindparam("maker", type_=Text),
    bindparam("moment", type_=DateTime(timezone=True)),
)


class SandboxRepository:
    """Speaks of the sandbox of the session's workspace."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self) -> RowMapping | None:
        """What is known of the sandbox, if there is one."""
        return (await self._session.execute(_FIND)).mappings().one_or_none()

    async def issue(
        self, *, sandbox_id: UUID, key_id: UUID, name: str, digest: bytes, hint: str, maker: str, moment: datetime
    ) -> UUID | None:
        """Write a key of the sandbox, which is made under `sandbox_id` if there is none; answers the sandbox's id.

        None when this workspace is a sandbox itself.
        """
        values = {
            "sandbox_id": sandbox_id,
            "key_id": key_id,
            "name": name,
            "digest": digest,
            "hint": hint,
            "maker": maker,
            "moment": moment,
        }
        found: UUID | None = await self._session.scalar(_ISSUE, values)
        return found
