"""HTTP for feature rules."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.domain.rules import FeatureRuleKind
from services.roadmap.rules.schemas import FeatureRuleCreate, FeatureRuleRead, FeatureRuleUpdate
from services.roadmap.rules.service import FeatureRuleService

TWO_WAYS = {
    "kind": "alternatives",
    "feature_ids": ["01983a7c-4b20-7f6a-8c3d-1e5f7a9b2c46", "01983a7c-4b21-7a02-9d4e-2f6a8b0c3d57"],
    "reason": "Both would end the weekly copying; one is enough.",
}

router = Router(prefix="/v1/feature-rules", tags=["Features"])
FeatureRules = Annotated[FeatureRuleService, Depends(FeatureRuleService)]


@router.post(scope="roadmap:write", example=TWO_WAYS)
async def create_feature_rule(new: FeatureRuleCreate, rules: FeatureRules) -> Created[FeatureRuleRead]:
    """Say what excludes one another, belongs together, or leads to the same end.

    Every optimisation keeps the rules among the features that it considers, and brings in those that are coupled or of
    which exactly one is wanted. Rules that cannot hold together are named in its conflict.
    """
    return created(await rules.create(new))


@router.get(scope="roadmap:read")
async def list_feature_rules(
    rules: FeatureRules,
    page: Paging,
    *,
    kind: Annotated[FeatureRuleKind | None, Query(description="Only rules of this kind.")] = None,
    feature_id: Annotated[UUID | None, Query(description="Only rules that name this feature.")] = None,
) -> Page[FeatureRuleRead]:
    """List the rules over features, newest first."""
    return await rules.search(page, kind=kind, feature_id=feature_id)


@router.get("/{feature_rule_id}", scope="roadmap:read")
async def get_feature_rule(feature_rule_id: UUID, rules: FeatureRules) -> FeatureRuleRead:
    """Read a rule over features."""
    return FeatureRuleRead.model_validate(await rules.get(feature_rule_id))


@router.patch("/{feature_rule_id}", scope="roadmap:write", example={"reason": "The bank offers both now."})
async def update_feature_rule(
    feature_rule_id: UUID, change: FeatureRuleUpdate, rules: FeatureRules, if_match: IfMatch
) -> FeatureRuleRead:
    """Change which features a rule names, or its reason."""
    return FeatureRuleRead.model_validate(await rules.update(feature_rule_id, change, if_match=if_match))


@router.delete("/{feature_rule_id}", scope="roadmap:write")
async def delete_feature_rule(feature_rule_id: UUID, rules: FeatureRules, if_match: IfMatch) -> None:
    """Remove a rule; its features stay."""
    await rules.delete(feature_rule_id, if_match=if_match)
