"""What a workspace wants to know of things beyond what everybody does."""

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.rows import VersionedRow
from services.requirements.models.base import RequirementsBase


class CustomField(VersionedRow, RequirementsBase):
    """A field that a workspace has declared: what it is called, and which values it takes."""

    __tablename__ = "custom_field"
    __table_args__ = (UniqueConstraint("workspace_id", "applies_to", "name"),)

    applies_to: Mapped[str] = mapped_column()
    name: Mapped[str] = mapped_column()
    kind: Mapped[str] = mapped_column()
    choices: Mapped[list[str]] = mapped_column(ARRAY(String))
    description: Mapped[str] = mapped_column()
