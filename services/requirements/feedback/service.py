"""Takes feedback in, again by its own id, or many at once; corrects and removes it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis.bulk import Line, refuse_partly, split_lines
from services.chassis.concurrency import Precondition
from services.chassis.errors import AlreadyExists, Problem, StillReferenced
from services.chassis.events import FEED_TOPIC, INSERT_EVENTS, event_columns, signal_after_commit
from services.chassis.tracing import current_trace
from services.chassis.types import Body
from services.chassis.unit_of_work import Work
from services.requirements.customers.batch import Batch
from services.requirements.customers.references import ContactDirectory, Reference
from services.requirements.customers.schemas import ContactReference
from services.requirements.feedback.declared import declared_fields, refusal_of, refused_values
from services.requirements.feedback.driver import OUTAGES, DriverFault, NotNew, driver_of, problem_of_driver
from services.requirements.feedback.reading import read_feedback
from services.requirements.feedback.recording import Draft, Prepared, Recorded, Recorder, feedback_facts
from services.requirements.feedback.repository import FeedbackRepository
from services.requirements.feedback.schemas import FeedbackContent, FeedbackCreate, FeedbackUpdate
from services.requirements.models import Feedback

SLICE = 1_000
BREATH = 50


@dataclass
class Slice:
    """Lines that were read: what can be written, what is wrong with the others, by number."""

    drafts: dict[int, Draft] = field(default_factory=dict)
    refused: dict[int, Line] = field(default_factory=dict)
    prepared: Prepared | None = None


class FeedbackService:
    """What callers do with feedback; single posts go through `Intake` instead."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self._is_all_new = True

    @property
    def feedback(self) -> FeedbackRepository:
        return FeedbackRepository(self.work.session)

    async def put(self, content: FeedbackContent, *, source: str, external_id: str) -> tuple[Draft, Recorded, datetime]:
        """Makes or replaces the feedback that has this id of the caller's own; says what was written, and when."""
        full = FeedbackCreate(**content.fields(), source=source, external_id=external_id)
        draft = Draft(id=self.work.ids(), content=full, traceparent=current_trace().traceparent)
        recorder, now = await self._recorder()
        refusals = await refused_values(await self._driver(), self.work.principal.workspace, [draft])
        if refusals:
            raise refusals[draft.id]
        recorded = await recorder.replace([draft])
        self._wake_readers()
        return draft, recorded[draft.id], now.now

    async def record(self, content: FeedbackCreate) -> tuple[Draft, Recorded, datetime]:
        """Makes a piece within this transaction. Raises AlreadyExists where its external id is taken, Invalid."""
        draft = Draft(id=self.work.ids(), content=content, traceparent=current_trace().traceparent)
        recorder, batch = await self._recorder()
        refusals = await refused_values(await self._driver(), self.work.principal.workspace, [draft])
        if refusals:
            raise refusals[draft.id]
        recorded = (await recorder.record([draft])).get(draft.id)
        if recorded is None:
            raise AlreadyExists(f"There is feedback {content.external_id} from {content.source} already.")
        self._wake_readers()
        return draft, recorded, batch.now

    async def contact_named(self, contact: ContactReference, *, source: str) -> UUID:
        """Whoever is meant, made or completed, with the events that tell so."""
        driver, (_, batch) = await self._driver(), await self._recorder()
        named = Reference(source=source, external_id=contact.external_id, handle=contact.email, name=contact.name)
        ids, events = await ContactDirectory(driver, batch).resolve([named])
        if events:
            await driver.execute(INSERT_EVENTS, *event_columns(events))
            self._wake_readers()
        return ids[0]

    async def take_lines(self, body: bytes, *, is_atomic: bool) -> Sequence[Line]:
        """A result for each line: 201 for a new piece, 200 for one that was there, or its problem.

        While one slice of the lines is being written, the next is read.
        """
        lines = split_lines(body)
        recorder, _ = await self._recorder()
        results: dict[int, Line] = {}
        read = Slice()
        for start in range(0, len(lines) + SLICE, SLICE):
            written, following = await asyncio.gather(
                self.replace_lines(read.drafts, prepared=read.prepared),
                self._read(lines[start : start + SLICE], recorder),
            )
            results |= written | following.refused
            read = following
        ordered = [results[number] for number, _ in lines]
        if is_atomic:
            refuse_partly(ordered)
        self._wake_readers()
        return ordered

    async def _read(self, lines: Sequence[tuple[int, bytes]], recorder: Recorder) -> Slice:
        """Lets others run now and then."""
        traceparent = current_trace().traceparent
        read = Slice()
        for place, (number, line) in enumerate(lines):
            if place % BREATH == 0:
                await asyncio.sleep(0)
            try:
                read.drafts[number] = Draft(id=self.work.ids(), content=read_feedback(line), traceparent=traceparent)
            except Problem as problem:
                read.refused[number] = Line(number, problem.status, problem=problem)
        drafts = list(read.drafts.values())
        if drafts and not any(draft.names_someone or draft.content.custom_fields for draft in drafts):
            read.prepared = recorder.prepare(drafts)
        return read

    async def update(self, feedback_id: UUID, change: FeedbackUpdate, *, if_match: Precondition) -> Feedback:
        feedback = await self.feedback.get(feedback_id, lock=True)
        if_match.check(feedback)
        for name, value in (await self._columns(feedback, change)).items():
            setattr(feedback, name, value)
        await self.work.session.flush()
        await self._tell("feedback.updated", feedback, version=feedback.version)
        return feedback

    async def delete(self, feedback_id: UUID, *, if_match: Precondition) -> None:
        """Raises StillReferenced while a requirement quotes it."""
        feedback = await self.feedback.get(feedback_id, lock=True)
        if_match.check(feedback)
        if await self.feedback.is_quoted(feedback_id):
            raise StillReferenced("A requirement or a finding quotes it: take that away first.")
        await self.feedback.remove(feedback)
        await self._tell("feedback.deleted", feedback, version=feedback.version + 1)

    async def _columns(self, feedback: Feedback, change: FeedbackUpdate) -> dict[str, Any]:
        """The columns that a change sets. Raises Invalid for values that no declared field takes."""
        columns = {name: _plain(value) for name, value in change.changes().items()}
        if "metadata" in columns:
            columns["attributes"] = columns.pop("metadata")
        if "rating" in columns:
            rating = columns.pop("rating") or {}
            columns |= {"rating_value": rating.get("value"), "rating_best": rating.get("best")}
        if "custom_fields" in columns:
            declared = await declared_fields(await self._driver(), self.work.principal.workspace)
            if (refusal := refusal_of(columns["custom_fields"], declared)) is not None:
                raise refusal
            values = feedback.custom_fields | columns["custom_fields"]
            columns["custom_fields"] = {name: value for name, value in values.items() if value is not None}
        return columns

    async def _driver(self) -> Any:
        return await driver_of(await self.work.session.connection())

    async def replace_lines(self, drafts: dict[int, Draft], *, prepared: Prepared | None = None) -> dict[int, Line]:
        """What became of each: the last one with an id of the caller's own counts, earlier ones share its result.

        `prepared` may be all the drafts, made ready beforehand.
        """
        if not drafts:
            return {}
        refusals = await refused_values(await self._driver(), self.work.principal.workspace, drafts.values())
        results = {
            number: Line(number, 422, problem=refusals[draft.id])
            for number, draft in drafts.items()
            if draft.id in refusals
        }
        taken = {number: draft for number, draft in drafts.items() if number not in results}
        winners: dict[object, int] = {}
        for number, draft in taken.items():
            winners[_identity(draft)] = number
        chosen = [drafts[number] for number in winners.values()]
        is_prepared = prepared is not None and len(chosen) == len(prepared.expected)
        written = await self._settle(chosen, prepared=prepared if is_prepared else None)
        for number, draft in taken.items():
            winner = winners[_identity(draft)]
            outcome = written[drafts[winner].id]
            if isinstance(outcome, Problem):
                results[number] = Line(number, outcome.status, problem=outcome)
            else:
                is_new = outcome.is_new and winner == number
                results[number] = Line(number, 201 if is_new else 200, id=outcome.id)
        return results

    async def _settle(
        self, drafts: Sequence[Draft], *, prepared: Prepared | None = None
    ) -> dict[UUID, Recorded | Problem]:
        """Writes all at once; where the database refuses, in halves, until the line at fault is alone.

        All lines are taken for new until one of the request is met that was there.
        """
        if not drafts:
            return {}
        try:
            async with self.work.session.begin_nested():
                recorder, _ = await self._recorder()  # in here: to ask for the connection sets the savepoint
                write = recorder.add if self._is_all_new else recorder.replace
                return dict(await write(drafts, prepared=prepared))
        except DriverFault as fault:
            if isinstance(fault, OUTAGES):
                raise
            if self._is_all_new and isinstance(fault, NotNew):
                self._is_all_new = False
                return await self._settle(drafts, prepared=prepared)
            if len(drafts) == 1:
                return {drafts[0].id: problem_of_driver(fault)}
        middle = len(drafts) // 2
        return await self._settle(drafts[:middle]) | await self._settle(drafts[middle:])

    async def _recorder(self) -> tuple[Recorder, Batch]:
        batch = Batch(
            workspace_id=self.work.principal.workspace,
            now=self.work.clock.now(),
            ids=self.work.ids,
            actor=self.work.principal.actor,
        )
        return Recorder(await self._driver(), batch), batch

    def _wake_readers(self) -> None:
        signal_after_commit(self.work.session, FEED_TOPIC, self.work.context.signal)

    async def _tell(self, kind: str, feedback: Feedback, *, version: int) -> None:
        facts = feedback_facts(
            source=feedback.source,
            occurred_at=feedback.occurred_at,
            contact_id=feedback.contact_id,
            company_id=feedback.company_id,
            channel=feedback.channel,
            product_area=feedback.product_area,
            importance=feedback.importance,
        )
        await self.work.events.append(
            kind, subject_type="feedback", subject_id=feedback.id, version=version, data=facts
        )


def _identity(draft: Draft) -> object:
    external_id = draft.content.external_id
    return draft.id if external_id is None else (draft.content.source, external_id)


def _plain(value: Any) -> Any:
    """As JSON columns keep it."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.model_dump(mode="json", exclude_none=True) if isinstance(value, Body) else value
