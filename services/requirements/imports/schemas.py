"""What callers send and see of imports."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from services.chassis.types import Body, Label, Reading, Resource, Timestamp, Title
from services.requirements.domain.exports import TOOLS, is_target
from services.requirements.feedback.schemas import Channel, ProductArea

ImportFormat = Literal["csv", "canny", "productboard", "fider", "app_reviews", "github", "intercom"]
RecordResult = Literal["created", "known", "refused", "skipped"]


class ImportDefaults(Body):
    """What holds for records that do not say otherwise."""

    channel: Channel | None = None
    product_area: ProductArea | None = None


class FeedbackImportCreate(Body):
    """A file that you will send, and how to read it."""

    format: ImportFormat
    source: Label | None = Field(
        default=None, description="The source that the feedback gets; the format's name, if you do not say."
    )
    mapping: Annotated[dict[Annotated[str, Field(max_length=80)], Title], Field(max_length=60)] = Field(
        default={},
        description="For tables: which column fills which field, as `field: column`. Fields are those of feedback, "
        "`contact.email`, `contact.name`, `company.domain` and the like, `metadata.KEY` and `custom_fields.NAME`.",
    )
    defaults: ImportDefaults = ImportDefaults()

    @model_validator(mode="after")
    def _is_readable(self) -> Self:
        if self.mapping and not TOOLS[self.format].is_table:
            raise ValueError("only a table has columns to map")
        unknown = [name for name in self.mapping if not is_target(name)]
        if unknown:
            raise ValueError(f"no such fields: {', '.join(sorted(unknown)[:10])}")
        if self.format == "csv" and not {"text", "title"} & self.mapping.keys():
            raise ValueError("say which column is the text")
        return self


class ImportStart(Body):
    """How to go about it."""

    dry_run: bool = Field(
        default=False, strict=True, description="Say what would become of each record; write nothing."
    )


class FeedbackImportRead(Resource):
    """An import and how far it has come."""

    format: ImportFormat
    source: str
    mapping: dict[str, str]
    defaults: ImportDefaults
    parts: int = Field(description="How many pieces of the file are here; none are kept once it has been imported.")
    bytes: int
    operation_id: str | None = Field(description="The operation that reads it, or has read it last.")
    is_dry_run: bool = Field(description="Whether the counts are those of a dry run.")
    records: int = Field(description="How many records have been read.")
    created: int = Field(description="How many have become new feedback.")
    known: int = Field(description="How many were there already; what differed was replaced.")
    refused: int = Field(description="How many cannot become feedback; the records say why.")
    skipped: int = Field(description="How many are none, such as pull requests and empty rows.")
    made_by: str
    finished_at: Timestamp | None


class ImportFault(Reading):
    """What is wrong with a record."""

    pointer: str
    detail: str
    code: str


class ImportRecordRead(Reading):
    """What became of a record."""

    number: int = Field(description="Counted from 1; the header of a table does not count.")
    result: RecordResult
    feedback_id: UUID | None
    errors: list[ImportFault]
