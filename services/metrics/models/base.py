"""The root of the service's models, and how its tables point at one another."""

from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import ForeignKeyConstraint, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import Base, naming_metadata
from services.metrics.domain.standing import Limits


class MetricsBase(Base):
    """Root of the metrics models; figures are decimal, so that sums are exact."""

    __abstract__ = True
    metadata = naming_metadata()
    type_annotation_map: ClassVar[dict[Any, Any]] = Base.type_annotation_map | {Decimal: Numeric()}


class Banded:
    """Mixin: a range that figures should lie in, or none."""

    band_low: Mapped[float | None] = mapped_column()
    band_high: Mapped[float | None] = mapped_column()

    @property
    def limits(self) -> Limits | None:
        """The range, where there is one."""
        return None if self.band_low is None or self.band_high is None else Limits(self.band_low, self.band_high)


def owned_by(table: str, column: str, *, on_delete: str = "CASCADE") -> ForeignKeyConstraint:
    """A foreign key within the workspace: no row can point into another one."""
    return ForeignKeyConstraint(["workspace_id", column], [f"{table}.workspace_id", f"{table}.id"], ondelete=on_delete)
