"""Opens a workspace's sandbox and makes keys for it."""

from gateway.identity.key_format import HINT_LENGTH, digest_of, make_key
from gateway.identity.sandboxes.repository import SandboxRepository
from gateway.identity.sandboxes.schemas import SandboxKeyCreated, SandboxRead
from services.chassis.errors import Conflict, NotFound
from services.chassis.unit_of_work import UnitOfWork


class IsSandbox(Conflict):
    code, title = "is_sandbox", "This is a sandbox itself"


class SandboxService:
    """The sandbox of the caller's workspace."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._sandboxes = SandboxRepository(work.session)

    async def read(self) -> SandboxRead:
        """Raises NotFound while there is none."""
        found = await self._sandboxes.find()
        if found is None:
            raise NotFound("There is no sandbox yet: making its first key opens it.")
        return SandboxRead.model_validate({**found})

    async def issue_key(self, name: str) -> SandboxKeyCreated:
        """Raises IsSandbox."""
        key, key_id = make_key("test"), self._work.ids()
        sandbox_id = await self._sandboxes.issue(
            sandbox_id=self._work.ids(),
            key_id=key_id,
            name=name,
            digest=digest_of(key.encode("ascii"), pepper=self._work.context.settings.secret_bytes("key_pepper")),
            hint=key[-HINT_LENGTH:],
            maker=self._work.principal.id,
            moment=self._work.clock.now(),
        )
        if sandbox_id is None:
            raise IsSandbox("A sandbox has no sandbox: make keys of this one with POST /v1/api-keys.")
        await self._work.events.append("sandbox_key.created", subject_type="sandbox_key", subject_id=key_id, version=1)
        return SandboxKeyCreated(id=key_id, sandbox_id=sandbox_id, name=name, hint=key[-HINT_LENGTH:], key=key)
