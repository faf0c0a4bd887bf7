"""The only SQL about feature rules."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, exists
from sqlalchemy.orm import selectinload

from services.chassis.repository import Repository
from services.roadmap.domain.rules import FeatureRuleKind
from services.roadmap.models import FeatureRule, FeatureRuleMember


class FeatureRuleRepository(Repository[FeatureRule]):
    """Rules, each with its members."""

    model: ClassVar[Any] = FeatureRule

    def rows(self) -> Select[FeatureRule]:
        return super().rows().options(selectinload(FeatureRule.members))

    def matching(self, *, kind: FeatureRuleKind | None, feature_id: UUID | None) -> Select[FeatureRule]:
        """Rules that fit every given filter."""
        query = self.rows()
        if kind is not None:
            query = query.where(FeatureRule.kind == kind)
        if feature_id is not None:
            member = FeatureRuleMember
            query = query.where(
                exists().where(
                    member.workspace_id == FeatureRule.workspace_id,
                    member.feature_rule_id == FeatureRule.id,
                    member.feature_id == feature_id,
                )
            )
        return query

    async def everything(self) -> Sequence[FeatureRule]:
        """All rules, in a fixed order."""
        return await self.all(self.rows().order_by(FeatureRule.id))
