"""Rules over several features: what excludes one another, what belongs together, what are ways to the same end."""

from typing import get_args
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.chassis.rows import VersionedRow
from services.roadmap.domain.rules import FeatureRuleKind
from services.roadmap.models.base import LinkRow, RoadmapBase, owned_by


class FeatureRule(VersionedRow, RoadmapBase):
    """Holds for every plan, until it is removed."""

    __tablename__ = "feature_rule"
    __table_args__ = (CheckConstraint(f"kind IN {get_args(FeatureRuleKind)!r}", name="kind"),)

    kind: Mapped[FeatureRuleKind] = mapped_column(String)
    reason: Mapped[str | None] = mapped_column()

    members: Mapped[list["FeatureRuleMember"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="FeatureRuleMember.feature_id", passive_deletes=True
    )

    @property
    def feature_ids(self) -> list[UUID]:
        return [member.feature_id for member in self.members]


class FeatureRuleMember(LinkRow, RoadmapBase):
    """A feature that a rule is about."""

    __tablename__ = "feature_rule_member"
    __table_args__ = (
        owned_by("feature_rule", "feature_rule_id"),
        owned_by("feature", "feature_id", on_delete="RESTRICT"),
        Index(None, "workspace_id", "feature_id"),
    )

    feature_rule_id: Mapped[UUID] = mapped_column(primary_key=True)
    feature_id: Mapped[UUID] = mapped_column(primary_key=True)
