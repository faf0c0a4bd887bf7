"""What every business table has in common: a workspace first, a version, and the times of its life."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, MetaData, Uuid, event
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, declared_attr, mapped_column

from services.chassis.types import MetadataChange

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def naming_metadata() -> MetaData:
    """Metadata whose constraints have names that migrations can speak of."""
    return MetaData(naming_convention=NAMING)


class Base(DeclarativeBase):
    """The root of a service's models; each service makes its own subclass with its own metadata."""

    __abstract__ = True
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: DateTime(timezone=True), UUID: Uuid()}


class WorkspaceRow:
    """Mixin: belongs to one workspace; the workspace leads the primary key, as distribution needs.

    `is_told`: events tell of it by itself, so that one also tells of its end when it goes with something else; they
    call it `told_as`, or by its table's name.
    """

    is_told: ClassVar[bool] = False
    told_as: ClassVar[str | None] = None

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-20)
    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-19)


class VersionedRow(WorkspaceRow):
    """Mixin: changes under an ETag; the version counts each change."""

    is_told: ClassVar[bool] = True

    version: Mapped[int] = mapped_column(sort_order=90)
    created_at: Mapped[datetime] = mapped_column(sort_order=91)
    updated_at: Mapped[datetime] = mapped_column(sort_order=92)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}

    @property
    def etag(self) -> str:
        return f'"{self.version}"'


@event.listens_for(VersionedRow, "attribute_instrument", propagate=True)
def _merge_metadata(_row: type[VersionedRow], name: str, attribute: InstrumentedAttribute[Any]) -> None:
    """Metadata is patched as RFC 7396 has it, wherever a change is assigned: `metadata` is SQLAlchemy's own word."""
    if name == "attributes":
        event.listen(attribute, "set", _merged, retval=True, active_history=True)


def _merged(_row: VersionedRow, value: Any, old: Any, _initiator: Any) -> Any:
    return value.merged_into(old) if isinstance(value, MetadataChange) else value
