"""Takes files in pieces, and starts the operations that read them."""

from collections.abc import Sequence
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import Conflict, FieldError, Invalid
from services.chassis.operations import FINAL, OperationRead
from services.chassis.unit_of_work import Work
from services.requirements.imports.repository import ImportRepository
from services.requirements.imports.schemas import FeedbackImportCreate, ImportStart
from services.requirements.models import FeedbackImport, ImportRecord

RUN = "feedback.import"
MOST_PARTS = 200
COUNTS = ("records", "created", "known", "refused", "skipped")


class ImportRunning(Conflict):
    code, title = "import_running", "The import is being read just now"


class ImportFinished(Conflict):
    code, title = "import_finished", "The file was imported already: make a new import for another one"


class PartsMissing(Conflict):
    code, title = "parts_missing", "The file is not here, or not whole"


class ImportService:
    """What callers do with imports."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def imports(self) -> ImportRepository:
        return ImportRepository(self.work.session)

    async def create(self, new: FeedbackImportCreate) -> FeedbackImport:
        made = await self.imports.add(
            FeedbackImport(
                format=new.format,
                source=new.source or new.format,
                mapping=new.mapping,
                defaults=new.defaults.model_dump(exclude_none=True),
                is_dry_run=False,
                parts=0,
                bytes=0,
                made_by=self.work.principal.id,
                made_by_kind=self.work.principal.kind,
                **dict.fromkeys(COUNTS, 0),
            )
        )
        await self._tell("feedback_import.created", made)
        return made

    async def take_part(self, import_id: UUID, number: int, content: bytes) -> FeedbackImport:
        """Raises ImportRunning, ImportFinished, Invalid for an empty piece."""
        if not content:
            raise Invalid(errors=[FieldError("", "The piece is empty.", "missing")])
        found = await self._still_open(import_id)
        await self.imports.put_part(import_id, number, content)
        sizes = await self.imports.sizes(import_id)
        found.parts, found.bytes = len(sizes), sum(sizes.values())
        await self._tell("feedback_import.updated", found)
        return found

    async def start(self, import_id: UUID, how: ImportStart) -> OperationRead:
        """Raises ImportRunning, ImportFinished, PartsMissing. After a failure the reading goes on where it stood."""
        found = await self._still_open(import_id)
        numbers = sorted(await self.imports.sizes(import_id))
        if not numbers or numbers != list(range(1, len(numbers) + 1)):
            raise PartsMissing("Send the pieces with the numbers 1, 2, 3 and so on.")
        if found.is_dry_run or how.dry_run or found.operation_id is None:
            await self.imports.forget_records(import_id)
            for name in COUNTS:
                setattr(found, name, 0)
        found.is_dry_run = how.dry_run
        operation = await self.work.operations.start(RUN, {"import_id": str(import_id)})
        found.operation_id = operation.id
        await self._tell("feedback_import.started", found)
        return operation

    async def delete(self, import_id: UUID, *, if_match: Precondition) -> None:
        """Raises ImportRunning."""
        found = await self.imports.get(import_id, lock=True)
        if_match.check(found)
        await self._require_rest(found)
        version = found.version
        await self.imports.remove(found)
        await self.work.events.append(
            "feedback_import.deleted", subject_type="feedback_import", subject_id=import_id, version=version + 1
        )

    async def records(self, import_id: UUID, *, after: int, limit: int, result: str | None) -> Sequence[ImportRecord]:
        await self.imports.get(import_id)
        return await self.imports.records(import_id, after=after, limit=limit, result=result)

    async def _still_open(self, import_id: UUID) -> FeedbackImport:
        found = await self.imports.get(import_id, lock=True)
        await self._require_rest(found)
        if found.finished_at is not None:
            raise ImportFinished
        return found

    async def _require_rest(self, found: FeedbackImport) -> None:
        if found.operation_id is None:
            return
        operation = await self.work.operations.get(found.operation_id)
        if operation.state not in FINAL:
            raise ImportRunning(operation_id=operation.id)

    async def _tell(self, kind: str, found: FeedbackImport) -> None:
        await self.work.session.flush()
        await self.work.events.append(
            kind,
            subject_type="feedback_import",
            subject_id=found.id,
            version=found.version,
            data={"format": found.format, "source": found.source},
        )
