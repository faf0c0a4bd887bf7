"""What one process is made of, put together once at start-up and found on `app.state.context`."""

from dataclasses import dataclass, field
from datetime import timedelta

from services.chassis.clock import Clock, SystemClock
from services.chassis.cursors import CursorSigner
from services.chassis.database import Database
from services.chassis.feed import Feed
from services.chassis.identity import TokenSigner, TokenVerifier
from services.chassis.ids import IdMaker, new_id
from services.chassis.settings import ServiceSettings
from services.chassis.wakeup import Wakeup


@dataclass(kw_only=True)
class ServiceContext:
    """The shared parts of a process; a service adds its clients in a subclass."""

    name: str
    settings: ServiceSettings
    database: Database
    signer: TokenSigner
    verifier: TokenVerifier
    cursors: CursorSigner
    wakeup: Wakeup
    feed: Feed
    migration_head: str | None = None
    clock: Clock = field(default_factory=SystemClock)
    ids: IdMaker = new_id

    @property
    def idempotency_lifetime(self) -> timedelta:
        return timedelta(hours=self.settings.idempotency_hours)

    def signal(self, topic: str) -> None:
        """Wake who waits for `topic`; after the commit, never before."""
        self.wakeup.signal(topic)
