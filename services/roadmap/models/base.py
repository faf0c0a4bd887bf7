"""The root of the service's models, and how its tables point at one another."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import flag_modified

from services.chassis.rows import Base, VersionedRow, naming_metadata


class RoadmapBase(Base):
    """Root of the roadmap's models."""

    __abstract__ = True
    metadata = naming_metadata()


class LinkRow:
    """Mixin: a row that is only a link; its ends make its key."""

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-20)


def owned_by(table: str, column: str, *, on_delete: str = "CASCADE") -> ForeignKeyConstraint:
    """A foreign key within the workspace: no row can point into another one."""
    return ForeignKeyConstraint(["workspace_id", column], [f"{table}.workspace_id", f"{table}.id"], ondelete=on_delete)


def columns(fields: dict[str, Any]) -> dict[str, Any]:
    """A body's fields under the names that models have: `metadata` is SQLAlchemy's own word."""
    return {"attributes" if name == "metadata" else name: value for name, value in fields.items()}


def touch(row: VersionedRow) -> None:
    """Count a change to the row although only something that it shows has changed."""
    flag_modified(row, "updated_at")
