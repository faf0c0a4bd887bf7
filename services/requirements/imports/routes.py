"""HTTP for imports."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request

from services.chassis.answers import Accepted, Created, accepted, created
from services.chassis.bulk import MAX_BYTES
from services.chassis.concurrency import IfMatch
from services.chassis.operations import OperationRead
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.requirements.imports.schemas import (
    FeedbackImportCreate,
    FeedbackImportRead,
    ImportFormat,
    ImportRecordRead,
    ImportStart,
    RecordResult,
)
from services.requirements.imports.service import MOST_PARTS, ImportService
from services.requirements.models import FeedbackImport

OCTETS = "application/octet-stream"
FROM_A_TABLE = {
    "format": "csv",
    "source": "desk-export",
    "mapping": {
        "text": "Body",
        "title": "Subject",
        "external_id": "Ticket",
        "occurred_at": "Opened",
        "contact.email": "Requester",
    },
    "defaults": {"channel": "support"},
}
A_TABLE = "Ticket,Subject,Body,Opened,Requester\n1,Exports,They fail on Mondays,2026-01-26,ada@example.com\n"
PART: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {OCTETS: {"schema": {"type": "string", "format": "binary"}, "example": A_TABLE}},
    }
}

router = Router(prefix="/v1/imports", tags=["Imports"])
Imports = Annotated[ImportService, Depends(ImportService)]


@router.post(scope="feedback:write", example=FROM_A_TABLE)
async def create_import(new: FeedbackImportCreate, imports: Imports) -> Created[FeedbackImportRead]:
    """Begin an import.

    Say what the file is: any CSV with a mapping of its columns, or an export of Canny, Productboard, Fider, an app
    store, GitHub (issues as JSON) or Intercom (conversations as JSON). Then send the file in pieces of up to 10 MiB,
    and start it, first as a dry run if you like. Records keep their ids as `external_id`; those without one get the
    same id each time, so the same file twice doubles nothing.
    """
    return created(FeedbackImportRead.model_validate(await imports.create(new)))


@router.get(scope="feedback:read")
async def list_imports(
    imports: Imports,
    page: Paging,
    format: Annotated[ImportFormat | None, Query(description="Only imports of this format.")] = None,  # noqa: A002
) -> Page[FeedbackImportRead]:
    """List imports, newest first."""
    return await list_page(
        imports.work,
        imports.imports.matching(format=format),
        page,
        model=FeedbackImport,
        subject_type="feedback_import",
        read=FeedbackImportRead.model_validate,
        filters={"format": format},
    )


@router.get("/{import_id}", scope="feedback:read")
async def get_import(import_id: UUID, imports: Imports) -> FeedbackImportRead:
    """Read how far an import has come, and its counts."""
    return FeedbackImportRead.model_validate(await imports.imports.get(import_id))


@router.post(
    "/{import_id}/parts",
    scope="feedback:write",
    accepts=(OCTETS, "text/csv", "application/json"),
    max_body_bytes=MAX_BYTES,
    status=200,
    extra=PART,
)
async def send_import_part(
    import_id: UUID,
    request: Request,
    imports: Imports,
    number: Annotated[int, Query(ge=1, le=MOST_PARTS, description="Which piece of the file this is.")] = 1,
) -> FeedbackImportRead:
    """Send a piece of the file.

    The bytes as they are, up to 10 MiB each, cut wherever you like and numbered from 1; the same number again replaces.
    """
    content = await request.body()
    return FeedbackImportRead.model_validate(await imports.take_part(import_id, number, content))


@router.post("/{import_id}/start", scope="feedback:write", example={"dry_run": True})
async def start_import(import_id: UUID, how: ImportStart, imports: Imports) -> Accepted[OperationRead]:
    """Read the file.

    Follow the operation. A dry run says what would become of each record and writes nothing; the file is kept for the
    real one. An import that was interrupted goes on where it stood, by itself, or when it is started again.
    """
    operation = await imports.start(import_id, how)
    return accepted(operation, operation_id=operation.id)


@router.get("/{import_id}/records", scope="feedback:read")
async def list_import_records(
    import_id: UUID,
    imports: Imports,
    *,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="Go on behind the record with this number.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000, description="How many at most.")] = 200,
    result: Annotated[RecordResult | None, Query(description="Only records that this became of.")] = None,
) -> list[ImportRecordRead]:
    """See what became of each record, in the order of the file."""
    found = await imports.records(import_id, after=after, limit=limit, result=result)
    return [ImportRecordRead.model_validate(each) for each in found]


@router.delete("/{import_id}", scope="feedback:write")
async def delete_import(import_id: UUID, imports: Imports, if_match: IfMatch) -> None:
    """Remove an import with its file and its report; the feedback stays.

    Refused with 409 while it is being read.
    """
    await imports.delete(import_id, if_match=if_match)
