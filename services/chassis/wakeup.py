"""One direct database connection per process: it wakes whoever waits, and says which replica leads."""

import asyncio
import contextlib
import hashlib
import signal
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self

import asyncpg
import structlog

CHANNEL = "fullcircle"
JOBS = "procrastinate_queue_v1#default"
"""Where the job queue's own triggers tell of a new job; a topic of the same name hears it."""
COALESCE_S = 0.05
RECONNECT_S = 1.0
FAULTS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

log = structlog.get_logger(__name__)


class Subscription:
    """A waiter's place: a wake-up that comes between looking and waiting is not lost."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    async def wait(self, timeout_s: float) -> bool:
        """Whether something was said within `timeout_s`; the next wait starts afresh."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._woken.wait()
        except TimeoutError:
            return False
        self._woken.clear()
        return True


class Wakeup:
    """LISTEN and NOTIFY on topics, at most one NOTIFY every 50 ms however many commits there are.

    Nothing rests on a message arriving: waiters look again when their time is over, and after a lost connection.
    """

    def __init__(self, url: str, *, application_name: str = "fullcircle-wakeup") -> None:
        self._url = url
        self._application_name = application_name
        self._connection: asyncpg.Connection | None = None
        self._subscriptions: defaultdict[str, set[Subscription]] = defaultdict(set)
        self._pending: set[str] = set()
        self._said = asyncio.Event()
        self._lost = asyncio.Event()
        self._leading: set[str] = set()
        self._busy = asyncio.Lock()
        self._is_released = False
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._keep_connected()), asyncio.create_task(self._keep_sending())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._connection is not None:
            self._connection.remove_termination_listener(self._on_lost)
            with contextlib.suppress(*FAULTS):
                await self._connection.close(timeout=2)

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    @property
    def is_released(self) -> bool:
        """Whether the process is about to stop: long-polls and streams end now."""
        return self._is_released

    def release(self) -> None:
        """Let everyone who waits go, for good: a process that drains cannot hold polls open for its neighbours."""
        self._is_released = True
        self._wake_all()

    def signal(self, topic: str) -> None:
        """Wake everyone who waits for `topic`, here and in other processes; call it after the commit."""
        self._pending.add(topic)
        self._said.set()

    @contextmanager
    def subscribe(self, topic: str) -> Iterator[Subscription]:
        """Hear of `topic` from now on; look at the state after this, then wait."""
        subscription = Subscription()
        self._subscriptions[topic].add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions[topic].discard(subscription)
            if not self._subscriptions[topic]:
                del self._subscriptions[topic]

    async def lead(self, name: str) -> bool:
        """Whether this process is the one of its replicas that does `name`.

        The lock belongs to the connection, so it is free again the moment its process dies.
        """
        if name in self._leading:
            return True
        connection = self._connection
        if connection is None:
            return False
        try:
            async with self._busy:
                is_ours = await connection.fetchval("SELECT pg_try_advisory_lock($1)", _lock_number(name))
        except FAULTS:
            return False
        if is_ours and connection is self._connection:
            self._leading.add(name)
        return name in self._leading

    async def resign(self, name: str) -> None:
        """Let another replica do `name`."""
        if name in self._leading and self._connection is not None:
            self._leading.discard(name)
            with contextlib.suppress(*FAULTS):
                async with self._busy:
                    await self._connection.fetchval("SELECT pg_advisory_unlock($1)", _lock_number(name))

    async def _keep_connected(self) -> None:
        while True:
            try:
                await self._connect()
            except FAULTS as fault:
                log.warning("wakeup.disconnected", reason=type(fault).__name__)
                await asyncio.sleep(RECONNECT_S)
                continue
            self._wake_all()  # what was said while we could not hear is made up for by looking
            await self._lost.wait()

    async def _connect(self) -> None:
        self._lost.clear()
        connection = await asyncpg.connect(
            self._url, timeout=10, command_timeout=10, server_settings={"application_name": self._application_name}
        )
        connection.add_termination_listener(self._on_lost)
        await connection.add_listener(CHANNEL, self._on_notify)
        await connection.add_listener(JOBS, self._on_job)
        self._connection = connection

    async def _keep_sending(self) -> None:
        while True:
            await self._said.wait()
            self._said.clear()
            topics, self._pending = self._pending, set()
            for topic in topics:
                self._wake(topic)
            await self._notify(topics)
            await asyncio.sleep(COALESCE_S)

    async def _notify(self, topics: set[str]) -> None:
        connection = self._connection
        if connection is None:
            return
        try:
            async with self._busy:
                await connection.execute(
                    "SELECT pg_notify($1, topic) FROM unnest($2::text[]) AS topic", CHANNEL, sorted(topics)
                )
        except Exception as fault:  # noqa: BLE001 -- whatever it was: with this task the process would fall silent for good
            log.warning("wakeup.notify_failed", reason=type(fault).__name__)
            connection.terminate()  # the driver may be out of step with it; a new one is made, and then all look

    def _on_notify(self, connection: Any, process_id: int, _channel: str, topic: object) -> None:
        if process_id != connection.get_server_pid():
            self._wake(str(topic))

    def _on_job(self, _connection: Any, _process_id: int, channel: str, _payload: object) -> None:
        self._wake(channel)

    def _on_lost(self, connection: object) -> None:
        if connection is self._connection or self._connection is None:
            self._connection = None
            self._leading.clear()
            self._lost.set()
            self._wake_all()  # whoever only listened looks by the clock from now on

    def _wake(self, topic: str) -> None:
        for subscription in self._subscriptions.get(topic, ()):
            subscription.wake()

    def _wake_all(self) -> None:
        for topic in list(self._subscriptions):
            self._wake(topic)


@contextmanager
def released_by_signals(wakeup: Wakeup) -> Iterator[None]:
    """Release the waiters as soon as the process is told to stop, before the server waits for them to finish."""
    if threading.current_thread() is not threading.main_thread():  # only the main thread may set signal handlers
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(wakeup.release)
        earlier = before[signal.Signals(number)]
        if callable(earlier):
            earlier(number, frame)

    for number in before:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


def _lock_number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
