"""The root of the service's models, and how its tables point at one another."""

from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import ForeignKeyConstraint, Numeric

from services.chassis.rows import Base, naming_metadata


class MetricsBase(Base):
    """Root of the metrics models; figures are decimal, so that sums are exact."""

    __abstract__ = True
    metadata = naming_metadata()
    type_annotation_map: ClassVar[dict[Any, Any]] = Base.type_annotation_map | {Decimal: Numeric()}


def owned_by(table: str, column: str, *, on_delete: str = "CASCADE") -> ForeignKeyConstraint:
    """A foreign key within the workspace: no row can point into another one."""
    return ForeignKeyConstraint(["workspace_id", column], [f"{table}.workspace_id", f"{table}.id"], ondelete=on_delete)
