"""The only SQL about imports."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from services.chassis.repository import Repository
from services.requirements.models import FeedbackImport, ImportPart, ImportRecord

KEEP_RECORDS = """
INSERT INTO import_record (workspace_id, import_id, number, result, feedback_id, errors)
SELECT $1, $2, number, result, feedback_id, errors::jsonb
FROM unnest($3::int[], $4::text[], $5::uuid[], $6::text[]) AS new (number, result, feedback_id, errors)
"""


@dataclass(frozen=True)
class Outcome:
    """What became of one record."""

    number: int
    result: str
    feedback_id: UUID | None = None
    errors: Sequence[dict[str, str]] = ()


class ImportRepository(Repository[FeedbackImport]):
    """Imports of one workspace."""

    model: ClassVar[Any] = FeedbackImport

    def matching(self, *, format: str | None) -> Select[FeedbackImport]:  # noqa: A002 -- the field's name
        query = self.rows()
        return query if format is None else query.where(FeedbackImport.format == format)

    async def put_part(self, import_id: UUID, number: int, content: bytes) -> None:
        """Keep a piece of the file, instead of the one with this number if there is one."""
        statement = insert(ImportPart).values(
            workspace_id=self.workspace_id, import_id=import_id, number=number, content=content
        )
        await self.session.execute(
            statement.on_conflict_do_update(
                index_elements=["workspace_id", "import_id", "number"], set_={"content": content}
            )
        )

    async def sizes(self, import_id: UUID) -> dict[int, int]:
        """How long each piece is."""
        query = select(ImportPart.number, func.length(ImportPart.content).label("length")).where(
            *self._of(ImportPart, import_id)
        )
        return {row.number: row.length for row in (await self.session.execute(query)).all()}

    async def contents(self, import_id: UUID) -> AsyncIterator[bytes]:
        """The file, piece by piece."""
        for number in sorted(await self.sizes(import_id)):
            query = select(ImportPart.content).where(*self._of(ImportPart, import_id), ImportPart.number == number)
            yield (await self.session.execute(query)).scalar_one()

    async def remove_parts(self, import_id: UUID) -> None:
        await self.session.execute(delete(ImportPart).where(*self._of(ImportPart, import_id)))

    async def forget_records(self, import_id: UUID) -> None:
        await self.session.execute(delete(ImportRecord).where(*self._of(ImportRecord, import_id)))

    async def keep_records(self, import_id: UUID, outcomes: Sequence[Outcome]) -> None:
        connection = await self.session.connection()
        await connection.exec_driver_sql(
            KEEP_RECORDS,
            (
                self.workspace_id,
                import_id,
                [each.number for each in outcomes],
                [each.result for each in outcomes],
                [each.feedback_id for each in outcomes],
                [msgspec.json.encode(each.errors).decode() for each in outcomes],
            ),
        )

    async def records(self, import_id: UUID, *, after: int, limit: int, result: str | None) -> Sequence[ImportRecord]:
        query = select(ImportRecord).where(*self._of(ImportRecord, import_id), ImportRecord.number > after)
        if result is not None:
            query = query.where(ImportRecord.result == result)
        return (await self.session.scalars(query.order_by(ImportRecord.number).limit(limit))).all()

    def _of(self, model: Any, import_id: UUID) -> tuple[Any, Any]:
        return model.workspace_id == self.workspace_id, model.import_id == import_id
