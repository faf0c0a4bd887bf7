"""Where the tables of the requirements service begin."""

from sqlalchemy import ForeignKeyConstraint

from services.chassis import rows
from services.chassis.rows import naming_metadata


def within(table: str, *columns: str, on_delete: str | None = None) -> ForeignKeyConstraint:
    """A foreign key that cannot leave the workspace; `columns` are ours, theirs is `id`."""
    ours, theirs = ["workspace_id", *columns], [f"{table}.workspace_id", f"{table}.id"]
    return ForeignKeyConstraint(ours, theirs, ondelete=on_delete)


class RequirementsBase(rows.Base):
    """The root of this service's models."""

    __abstract__ = True
    metadata = naming_metadata()
