"""Keeps the rules that every plan reads."""

from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.roadmap.domain.rules import FeatureRuleKind
from services.roadmap.features.links import require_known
from services.roadmap.features.repository import FeatureRepository
from services.roadmap.models import FeatureRule, FeatureRuleMember
from services.roadmap.models.base import touch
from services.roadmap.rules.repository import FeatureRuleRepository
from services.roadmap.rules.schemas import FeatureRuleCreate, FeatureRuleRead, FeatureRuleUpdate


class FeatureRuleService:
    """Standing rules over features."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def rules(self) -> FeatureRuleRepository:
        return FeatureRuleRepository(self.work.session)

    async def create(self, new: FeatureRuleCreate) -> FeatureRule:
        """Raises UnknownReference for features that are not there."""
        rule = FeatureRule(kind=new.kind, reason=new.reason, members=[])
        await self._name(rule, new.feature_ids)
        await self.rules.add(rule)
        await self._tell("feature_rule.created", rule)
        return rule

    async def get(self, rule_id: UUID) -> FeatureRule:
        return await self.rules.get(rule_id)

    async def search(
        self, page: PageQuery, *, kind: FeatureRuleKind | None, feature_id: UUID | None
    ) -> Page[FeatureRuleRead]:
        return await list_page(
            self.work,
            self.rules.matching(kind=kind, feature_id=feature_id),
            page,
            model=FeatureRule,
            subject_type="feature_rule",
            read=FeatureRuleRead.model_validate,
            filters={"kind": kind, "feature_id": feature_id},
        )

    async def update(self, rule_id: UUID, change: FeatureRuleUpdate, *, if_match: Precondition) -> FeatureRule:
        rule = await self.rules.get(rule_id, lock=True)
        if_match.check(rule)
        changes = change.changes()
        if "feature_ids" in changes:
            await self._name(rule, changes["feature_ids"])
        if "reason" in changes:
            rule.reason = changes["reason"]
        touch(rule)
        await self._tell("feature_rule.updated", rule)
        return rule

    async def delete(self, rule_id: UUID, *, if_match: Precondition) -> None:
        rule = await self.rules.get(rule_id, lock=True)
        if_match.check(rule)
        version = rule.version
        await self.rules.remove(rule)
        await self.work.events.append(
            "feature_rule.deleted", subject_type="feature_rule", subject_id=rule_id, version=version + 1
        )

    async def _name(self, rule: FeatureRule, feature_ids: list[UUID]) -> None:
        known = await FeatureRepository(self.work.session).titles(set(feature_ids))
        require_known("feature_ids", feature_ids, known, noun="feature")
        members = {each.feature_id: each for each in rule.members}
        rule.members = [members.get(each) or FeatureRuleMember(feature_id=each) for each in sorted(set(feature_ids))]

    async def _tell(self, kind: str, rule: FeatureRule) -> None:
        await self.work.session.flush()
        await self.work.events.append(
            kind,
            subject_type="feature_rule",
            subject_id=rule.id,
            version=rule.version,
            data={"kind": rule.kind, "feature_ids": rule.feature_ids},
        )
