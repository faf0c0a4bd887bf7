"""Single posts, committed in groups: one transaction for all that wait, each acknowledged after the commit."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

import asyncpg
from starlette.responses import Response

from services.chassis.context import ServiceContext
from services.chassis.errors import AlreadyExists, Problem, Unavailable
from services.chassis.events import FEED_TOPIC
from services.chassis.idempotency import IdempotencyGuard, Replay
from services.chassis.identity import Principal
from services.chassis.problems import problem_of
from services.requirements.customers.batch import Batch
from services.requirements.feedback.answers import created_answer
from services.requirements.feedback.declared import refused_values
from services.requirements.feedback.driver import OUTAGES, Line, problem_of_driver
from services.requirements.feedback.group_keys import claim_keys, keep_answers
from services.requirements.feedback.recording import Draft, Recorder
from services.requirements.feedback.schemas import FeedbackCreate

LARGEST_GROUP = 256
MOST_WAITING = 4096
# While one group is on its way to the disk, another begins on a second connection, but not for a handful: that would
# cost each of them more. .46 to .50 of pgbench, .40 to .45 with any number, .34 to .38 with one connection
# (`benchmarks/requirements_intake.py`, 16 connections, in turn).
LINES = 2
WORTH_ANOTHER = 8

SET_WORKSPACE = "SELECT set_config('app.workspace_id', $1, true)"


@dataclass(kw_only=True, eq=False)
class Submission:
    """One request that waits for its group; a refused body is carried too when its key must remember the refusal."""

    principal: Principal
    content: FeedbackCreate | Problem
    refuse: Callable[[Problem], Response]
    guard: IdempotencyGuard | None = None
    traceparent: str | None = None
    answer: "asyncio.Future[Response]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def place(self) -> tuple[UUID, str]:
        """Members of one workspace and principal share their statements; groups take workspaces in one order."""
        return self.principal.workspace, self.principal.id


class Intake:
    """Takes submissions from requests and commits them group by group."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._lines = [Line(context.database) for _ in range(LINES)]
        self._waiting: deque[Submission] = deque()
        self._arrived = asyncio.Event()
        self._writing = 0
        self._is_closing = False

    async def submit(self, submission: Submission) -> Response:
        """The answer, after the commit; raises Unavailable when too many wait already."""
        if len(self._waiting) >= MOST_WAITING:
            raise Unavailable("Too much feedback is waiting to be written.")
        self._waiting.append(submission)
        self._arrived.set()
        return await submission.answer

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Commit while the block runs; whoever has been taken in is answered before it ends."""
        committers = [asyncio.create_task(self._commit_forever(line)) for line in self._lines]
        try:
            yield
        finally:
            self._is_closing = True
            self._arrived.set()
            await asyncio.gather(*committers)
            for line in self._lines:
                await line.close()

    async def _commit_forever(self, line: Line) -> None:
        """One group after the other: what comes meanwhile makes the next one larger, so dearer never."""
        while self._waiting or not self._is_closing:
            await self._arrived.wait()
            self._arrived.clear()
            while self._is_worth_a_group():
                self._writing += 1
                try:
                    await self._settle(line, self._take())
                finally:
                    self._writing -= 1
                    self._arrived.set()

    def _is_worth_a_group(self) -> bool:
        return len(self._waiting) >= (WORTH_ANOTHER if self._writing else 1)

    def _take(self) -> list[Submission]:
        return [self._waiting.popleft() for _ in range(min(len(self._waiting), LARGEST_GROUP))]

    async def _settle(self, line: Line, group: Sequence[Submission]) -> None:
        """Answers everyone; when the group as a whole cannot be written, each is tried alone."""
        try:
            answers = await self._commit(line, group)
        except Exception as fault:  # noqa: BLE001 -- each waiting request gets it as its own answer
            if len(group) == 1 or _concerns_all(fault):
                answers = {each: each.refuse(problem_of_driver(fault)) for each in group}
            else:
                for each in group:
                    await self._settle(line, [each])
                return
        for each, answer in answers.items():
            if not each.answer.done():
                each.answer.set_result(answer)

    async def _commit(self, line: Line, group: Sequence[Submission]) -> Mapping[Submission, Response]:
        answers: dict[Submission, Response] = {}
        ordered = sorted(group, key=_place)
        seen = ordered[0].principal.workspace
        async with line.transaction(seen) as connection:
            for (workspace_id, _), members in groupby(ordered, key=_place):
                if workspace_id != seen:
                    await connection.execute(SET_WORKSPACE, str(workspace_id))
                    seen = workspace_id
                answers |= await self._write(connection, list(members))
        self._context.signal(FEED_TOPIC)
        return answers

    async def _write(self, connection: asyncpg.Connection, members: Sequence[Submission]) -> dict[Submission, Response]:
        """The answers to the members of one workspace and principal, their effects written."""
        refused = await claim_keys(connection, [each.guard for each in members])
        answers = {members[place]: _refusal(members[place], why) for place, why in refused.items()}
        principal, now = members[0].principal, self._context.clock.now()
        batch = Batch(workspace_id=principal.workspace, now=now, ids=self._context.ids, actor=principal.actor)
        drafts = {
            each: Draft(id=self._context.ids(), content=each.content, traceparent=each.traceparent)
            for each in members
            if each not in answers and isinstance(each.content, FeedbackCreate)
        }
        refusals = await refused_values(connection, principal.workspace, drafts.values())
        taken = [draft for draft in drafts.values() if draft.id not in refusals]
        recorded = await Recorder(connection, batch).record(taken)
        fresh = [each for each in members if each not in answers]
        for each in fresh:
            if isinstance(each.content, Problem):
                answers[each] = each.refuse(each.content)
            elif (refusal := refusals.get(drafts[each].id)) is not None:
                answers[each] = each.refuse(refusal)
            elif (row := recorded.get(drafts[each].id)) is not None:
                answers[each] = created_answer(drafts[each], row, now=now)
            else:
                answers[each] = each.refuse(_taken(each.content))
        await keep_answers(connection, [(each.guard, answers[each]) for each in fresh if each.guard])
        return answers


def _place(submission: Submission) -> tuple[UUID, str]:
    return submission.place


def _refusal(submission: Submission, why: Exception) -> Response:
    return why.response if isinstance(why, Replay) else submission.refuse(problem_of(why))


def _taken(content: FeedbackCreate) -> Problem:
    return AlreadyExists(f"There is feedback {content.external_id} from {content.source} already; PUT replaces it.")


def _concerns_all(fault: Exception) -> bool:
    """An outage meets everyone alike; what PostgreSQL says of the statement itself may be the fault of one."""
    return not isinstance(fault, asyncpg.PostgresError) or isinstance(fault, OUTAGES)
