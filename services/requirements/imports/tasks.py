"""Reads an import batch by batch; each batch with its records' results is one transaction.

Killed at any moment, the operation is taken up again: what was committed is counted and passed over, the rest is read.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.bulk import invalid_line
from services.chassis.errors import Invalid, Problem
from services.chassis.identity import Principal
from services.chassis.nameless import nameless_file
from services.chassis.operations import LeftToAnother, OperationKinds, OperationRun
from services.chassis.unit_of_work import UnitOfWork
from services.requirements.domain.exports import (
    TOOLS,
    Document,
    derived_id,
    read_github,
    read_intercom,
    read_table_row,
)
from services.requirements.feedback.recording import Draft
from services.requirements.feedback.schemas import FeedbackCreate
from services.requirements.feedback.service import FeedbackService
from services.requirements.imports.files import Record, Unreadable, UnreadableFile, read_records
from services.requirements.imports.repository import ImportRepository, Outcome
from services.requirements.imports.service import COUNTS, RUN
from services.requirements.models import FeedbackImport

BATCH = 500
BREATH = 50

kinds = OperationKinds()


class FileRefused(Invalid):
    code, title = "file_refused", "The file cannot be read any further"


@kinds.kind(RUN)
async def run_import(run: OperationRun) -> None:
    """The whole file, from where the last transaction left it."""
    import_id = UUID(run.payload["import_id"])
    with nameless_file() as (file, path):
        async with run.transaction() as session:
            imports = ImportRepository(session)
            found = await imports.get(import_id)
            async for content in imports.contents(import_id):
                file.write(content)
        file.flush()
        size = max(1, found.bytes)
        reading = Reading(found, path)
        try:
            for records in reading.batches():
                drafts, outcomes = await reading.read(records, ids=run.context.ids)
                async with run.transaction() as session:
                    await _keep(run, session, import_id, drafts, outcomes)
                await run.progress(min(0.99, reading.share(size)), f"{reading.done} records read")
        except UnreadableFile as fault:
            raise FileRefused(str(fault), records=reading.done) from None
    async with run.transaction() as session:
        await _finish(run, session, import_id)


class Reading:
    """The records of one file, those that have their results already passed over."""

    def __init__(self, found: FeedbackImport, path: Path) -> None:
        self._found = found
        self._path = path
        self._tool = TOOLS[found.format]
        self._same: Counter[str] = Counter()
        self.done = 0

    def batches(self) -> Iterator[Sequence[tuple[int, Record]]]:
        """Numbered records, some hundred at a time; records without an id are counted also where they are passed."""
        records = enumerate(read_records(self._path, is_table=self._tool.is_table), start=1)
        for number, record in itertools.islice(records, self._found.records):
            self._document(record)
            self.done = number
        while batch := list(itertools.islice(records, BATCH)):
            yield batch
            self.done = batch[-1][0]

    async def read(self, records: Sequence[tuple[int, Record]], *, ids: Any) -> tuple[dict[int, Draft], list[Outcome]]:
        """What can be written, and what became of the others; lets others run now and then."""
        drafts: dict[int, Draft] = {}
        outcomes: list[Outcome] = []
        for place, (number, record) in enumerate(records):
            if place % BREATH == 0:
                await asyncio.sleep(0)
            document = self._document(record)
            if isinstance(record, Unreadable):
                outcomes.append(Outcome(number, "refused", errors=[_fault("", record.detail, "unreadable")]))
            elif document is None:
                outcomes.append(Outcome(number, "skipped"))
            else:
                try:
                    drafts[number] = Draft(id=ids(), content=FeedbackCreate.model_validate(document))
                except ValidationError as fault:
                    outcomes.append(_refused(number, invalid_line(fault)))
        return drafts, outcomes

    def share(self, size: int) -> float:
        """How far it is, by the records of an average file; only a hint."""
        return self.done / (self.done + size / 400)

    def _document(self, record: Record) -> Document | None:
        """A record as feedback, with the import's source and an id."""
        if isinstance(record, Unreadable):
            return None
        document = self._read(record)
        if document is None:
            return None
        for name, value in self._found.defaults.items():
            document.setdefault(name, value)
        if "external_id" not in document:
            plain = derived_id(document, before=0)
            document["external_id"] = derived_id(document, before=self._same[plain])
            self._same[plain] += 1
        return document | {"source": self._found.source}

    def _read(self, record: Mapping[str, Any]) -> Document | None:
        if self._found.format == "github":
            return read_github(record)
        if self._found.format == "intercom":
            return read_intercom(record)
        return read_table_row(record, self._tool, self._found.mapping)


async def _keep(
    run: OperationRun, session: AsyncSession, import_id: UUID, drafts: dict[int, Draft], outcomes: list[Outcome]
) -> None:
    """The feedback of a batch, the results of its records and the counts, together or not at all.

    A worker that was taken for dead and wakes up again finds its batch kept already. Raises LeftToAnother.
    """
    imports = ImportRepository(session)
    found = await imports.get(import_id, lock=True)
    if found.records != min([*drafts, *(each.number for each in outcomes)]) - 1:
        raise LeftToAnother
    principal = Principal(found.made_by, _kind(found.made_by_kind), run.workspace_id)
    service = FeedbackService(UnitOfWork(run.context, principal, session=session))
    async with session.begin_nested() as attempt:
        lines = await service.replace_lines(drafts)
        if found.is_dry_run:
            await attempt.rollback()
    outcomes = outcomes + [
        _refused(number, line.problem)
        if line.problem is not None
        else Outcome(number, "created" if line.status == 201 else "known", None if found.is_dry_run else line.id)
        for number, line in lines.items()
    ]
    await imports.keep_records(import_id, sorted(outcomes, key=lambda each: each.number))
    found.records += len(outcomes)
    for result, count in Counter(each.result for each in outcomes).items():
        setattr(found, result, getattr(found, result) + count)


async def _finish(run: OperationRun, session: AsyncSession, import_id: UUID) -> None:
    """The end of the operation; after a real import the file goes."""
    imports = ImportRepository(session)
    found = await imports.get(import_id, lock=True)
    if not found.is_dry_run:
        found.finished_at = run.context.clock.now()
        await imports.remove_parts(import_id)
        found.parts = found.bytes = 0
    await session.flush()
    work = UnitOfWork(
        run.context, Principal(found.made_by, _kind(found.made_by_kind), run.workspace_id), session=session
    )
    counts = {name: getattr(found, name) for name in COUNTS}
    await work.events.append(
        "feedback_import.finished",
        subject_type="feedback_import",
        subject_id=found.id,
        version=found.version,
        data=counts | {"is_dry_run": found.is_dry_run},
    )
    await run.succeed(session, {"import_id": str(import_id), "is_dry_run": found.is_dry_run, **counts})


def _kind(kind: str) -> Any:
    return kind


def _refused(number: int, problem: Problem) -> Outcome:
    errors = [each.document() for each in problem.errors] or [_fault("", problem.detail, problem.code)]
    return Outcome(number, "refused", errors=errors[:20])


def _fault(pointer: str, detail: str, code: str) -> dict[str, str]:
    return {"pointer": pointer, "detail": detail, "code": code}
