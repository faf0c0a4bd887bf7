"""The feed against a model: writers that wait for one another, roll back and die, numberers that race and die.

Whatever happens, what was committed is read once, in one gap-free order, and each subject's events in theirs.
"""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from typing import Any, TypeVar
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from services.chassis.clock import SystemClock
from services.chassis.database import Database
from services.chassis.events import INSERT_EVENTS, NewEvent, event_columns
from services.chassis.feed import LOCK_HEAD, NUMBER, Feed, FeedQuery
from services.chassis.wakeup import Wakeup
from tests.integration.chassis.house import ACTOR, WORKSPACE, events_of, migrated
from tests.postgres import DatabaseAddress, PostgresForTests

SUBJECTS = [UUID(int=number) for number in range(1, 5)]
EMPTY = """
    TRUNCATE event RESTART IDENTITY;
    UPDATE feed_head SET position = 0, oldest_position = 1;
    UPDATE subject SET version = 0;
"""
LOST = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)

Answer = TypeVar("Answer")


class Writer:
    """One transaction on a connection of its own, as the application role."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection
        self.pid: int = connection.get_server_pid()
        self.written: list[tuple[UUID, int]] = []
        self.task: asyncio.Task[None] | None = None

    async def write(self, subject: UUID, count: int) -> None:
        """Waits for whoever holds the subject's row; then its events are appended under the row lock."""
        version = await self.connection.fetchval(
            "UPDATE subject SET version = version + $2 WHERE id = $1 RETURNING version", subject, count
        )
        new = [(subject, version - count + step) for step in range(1, count + 1)]
        await self.connection.execute(INSERT_EVENTS, *event_columns([_event(*each) for each in new]))
        self.written += new


def _event(subject: UUID, version: int) -> NewEvent:
    return NewEvent(
        id=uuid4(),
        workspace_id=WORKSPACE,
        type="subject.changed",
        subject_type="subject",
        subject_id=subject,
        version=version,
        actor=ACTOR,
        occurred_at=SystemClock().now(),
    )


class FeedMachine(RuleBasedStateMachine):
    """Holders have written and may commit; the others of a subject wait for its holder's row lock."""

    address: DatabaseAddress

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.database = Database(self.address.app_url)
        self.feed = Feed(self.database, Wakeup(self.address.app_url), service="toy")
        self.holders: dict[UUID, Writer] = {}
        self.waiting: defaultdict[UUID, list[Writer]] = defaultdict(list)
        self.committed: set[tuple[UUID, int]] = set()
        self.read: list[tuple[UUID, int]] = []
        self.admin = self.run(asyncpg.connect(self.address.superuser_url))
        self.run(self.admin.execute(EMPTY))

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return self.runner.run(work)

    @rule(subject=st.sampled_from(SUBJECTS), count=st.integers(1, 3))
    def start(self, subject: UUID, count: int) -> None:
        if len(self.waiting[subject]) < 3:
            self.run(self._start(subject, count))

    @precondition(lambda self: self.holders)
    @rule(data=st.data(), other=st.sampled_from(SUBJECTS))
    def write_another_subject_too(self, data: st.DataObject, other: UUID) -> None:
        if other not in self.holders:
            writer = self.holders[self._pick(data)]
            self.run(writer.write(other, 1))
            self.holders[other] = writer

    @precondition(lambda self: self.holders)
    @rule(data=st.data())
    def commit(self, data: st.DataObject) -> None:
        writer = self.holders[self._pick(data)]
        self.run(writer.connection.execute("COMMIT"))
        self.committed |= set(writer.written)
        self.run(self._end(writer))

    @precondition(lambda self: self.holders)
    @rule(data=st.data())
    def roll_back(self, data: st.DataObject) -> None:
        writer = self.holders[self._pick(data)]
        self.run(writer.connection.execute("ROLLBACK"))
        self.run(self._end(writer))

    @precondition(lambda self: self.holders)
    @rule(data=st.data())
    def kill_a_holder(self, data: st.DataObject) -> None:
        writer = self.holders[self._pick(data)]
        self.run(self._kill(writer.pid))
        self.run(self._end(writer))

    @precondition(lambda self: any(self.waiting.values()))
    @rule(data=st.data())
    def kill_who_waits(self, data: st.DataObject) -> None:
        subject = data.draw(st.sampled_from([each for each in SUBJECTS if self.waiting[each]]))
        writer = self.waiting[subject].pop(0)
        self.run(self._kill(writer.pid))
        self.run(self._close(writer))

    @rule(limit=st.integers(1, 5))
    def read_a_page(self, limit: int) -> None:
        page = self.run(self.feed.page(FeedQuery(after=len(self.read), limit=limit)))
        self._take(page)

    @rule(readers=st.integers(2, 4))
    def race(self, readers: int) -> None:
        """Several number and read at once: they see the same."""

        async def together() -> list[Any]:
            return await asyncio.gather(*(self.feed.page(FeedQuery(after=len(self.read))) for _ in range(readers)))

        pages = self.run(together())
        longest = max(pages, key=lambda page: len(page.documents))
        for page in pages:
            assert page.documents == longest.documents[: len(page.documents)]
        self._take(longest)

    @rule()
    def kill_a_numberer(self) -> None:
        """After it has numbered, before it commits."""
        self.run(self._number_and_die())

    def teardown(self) -> None:
        while self.holders:
            writer = next(iter(self.holders.values()))
            self.run(writer.connection.execute("COMMIT"))
            self.committed |= set(writer.written)
            self.run(self._end(writer))
        self._take(self.run(self.feed.page(FeedQuery(after=len(self.read)))))
        assert len(self.read) == len(set(self.read)), "an event was doubled"
        assert set(self.read) == self.committed, "an event was lost, or one that never was committed was read"
        for subject in SUBJECTS:
            versions = [version for each, version in self.read if each == subject]
            assert versions == list(range(1, len(versions) + 1)), "a subject's events are out of order"
        self.run(self.admin.close())
        self.run(self.database.close())
        self.runner.close()

    def _take(self, page: Any) -> None:
        events = events_of(page)
        start = len(self.read)
        assert [event.position for event in events] == list(range(start + 1, start + 1 + len(events)))
        self.read += [(event.subject, event.subject_version) for event in events]

    def _pick(self, data: st.DataObject) -> UUID:
        subject: UUID = data.draw(st.sampled_from(sorted(self.holders)))
        return subject

    async def _start(self, subject: UUID, count: int) -> None:
        writer = Writer(await asyncpg.connect(self.address.app_url))
        await writer.connection.execute("BEGIN")
        writer.task = asyncio.create_task(writer.write(subject, count))
        if subject not in self.holders:
            await writer.task
            self.holders[subject] = writer
            return
        self.waiting[subject].append(writer)
        async with asyncio.timeout(10):
            while not await self._is_waiting(writer.pid):
                await asyncio.sleep(0)

    async def _end(self, writer: Writer) -> None:
        """The transaction is over: its subjects go to whoever waited longest for them."""
        await self._close(writer)
        for subject in [subject for subject, holder in self.holders.items() if holder is writer]:
            del self.holders[subject]
            if self.waiting[subject]:
                tasks = {each.task: each for each in self.waiting[subject] if each.task is not None}
                async with asyncio.timeout(10):
                    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                following = tasks[done.pop()]
                self.waiting[subject].remove(following)
                self.holders[subject] = following

    async def _close(self, writer: Writer) -> None:
        if writer.task is not None:
            with suppress(*LOST):
                await writer.task
        with suppress(*LOST):
            await writer.connection.close(timeout=5)

    async def _is_waiting(self, pid: int) -> bool:
        query = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = $1"
        return bool(await self.admin.fetchval(query, pid))

    async def _kill(self, pid: int) -> None:
        await self.admin.execute("SELECT pg_terminate_backend($1, 5000)", pid)

    async def _number_and_die(self) -> None:
        connection = await asyncpg.connect(self.address.app_url)
        await connection.execute("BEGIN")
        await connection.execute(str(LOCK_HEAD))
        await connection.execute(str(NUMBER).replace(":batch", "1000"))
        await self._kill(connection.get_server_pid())
        connection.terminate()


@pytest.fixture(scope="module")
def address(postgres: PostgresForTests) -> Iterator[DatabaseAddress]:
    async def make() -> DatabaseAddress:
        made = await migrated(postgres)
        connection = await asyncpg.connect(made.owner_url)
        await connection.execute("CREATE TABLE subject (id uuid PRIMARY KEY, version int NOT NULL DEFAULT 0)")
        await connection.executemany("INSERT INTO subject (id) VALUES ($1)", [(each,) for each in SUBJECTS])
        await connection.execute("GRANT SELECT, UPDATE ON subject TO PUBLIC")
        await connection.close()
        return made

    return asyncio.run(make())


def test_the_feed_keeps_its_promise(address: DatabaseAddress) -> None:
    machine = type("Machine", (FeedMachine,), {"address": address})
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=12, stateful_step_count=40, suppress_health_check=list(HealthCheck)),
    )
