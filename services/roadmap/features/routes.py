"""HTTP for features."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.domain.states import FeatureStatus
from services.roadmap.features.schemas import (
    FeatureCreate,
    FeatureRead,
    FeatureUpdate,
    TransitionCreate,
    ValuationCreate,
    ValuationRead,
)
from services.roadmap.features.service import FeatureService
from services.roadmap.features.valuing import ValuationService

CHECKLIST = {
    "title": "Set-up checklist on the first screen",
    "requirement_ids": ["01983a7c-1f3e-7b1d-8a44-6f1f0f4f9b11"],
    "effort_days": 12,
    "cost": {"amount_minor": 960_000, "currency": "EUR"},
    "value": 34,
    "expected_effects": [
        {
            "kpi_id": "01983a7c-5a50-7c3e-9d2b-0c5d1f6a7b8e",
            "direction": "increase",
            "low": 2,
            "likely": 4,
            "high": 7,
            "due_on": "2027-03-31",
        }
    ],
}

router = Router(prefix="/v1/features", tags=["Features"])
Features = Annotated[FeatureService, Depends(FeatureService)]
Valuations = Annotated[ValuationService, Depends(ValuationService)]


@router.post(scope="roadmap:write", example=CHECKLIST)
async def create_feature(new: FeatureCreate, features: Features) -> Created[FeatureRead]:
    """Make a feature from requirements.

    Name the requirements that it answers, what it takes and what it should move. The requirements are looked up as you
    ask, so one that was written a moment ago is found; one that does not exist is answered with 422. The expected
    effects are what metrics will hold it to once it has shipped. Features that must come before it go into
    `depends_on`, or into `dependencies` where the link has a kind and a lag; a dependency that would close a circle is
    refused with 409, naming the circle.
    """
    return created(await features.create(new))


@router.get(scope="roadmap:read")
async def list_features(
    features: Features,
    page: Paging,
    *,
    status: Annotated[FeatureStatus | None, Query(description="Only features in this state.")] = None,
    requirement_id: Annotated[UUID | None, Query(description="Only features that answer this requirement.")] = None,
    objective_id: Annotated[UUID | None, Query(description="Only features that serve this objective.")] = None,
    roadmap_id: Annotated[UUID | None, Query(description="Only features that stand on this roadmap.")] = None,
    product_id: Annotated[UUID | None, Query(description="Only features of this product.")] = None,
) -> Page[FeatureRead]:
    """List features, newest first."""
    return await features.search(
        page,
        status=status,
        requirement_id=requirement_id,
        objective_id=objective_id,
        roadmap_id=roadmap_id,
        product_id=product_id,
    )


@router.get("/{feature_id}", scope="roadmap:read")
async def get_feature(feature_id: UUID, features: Features) -> FeatureRead:
    """Read a feature: what it rests on, what it promises, and the outcomes that metrics found."""
    return FeatureRead.model_validate(await features.get(feature_id))


@router.patch("/{feature_id}", scope="roadmap:write", example={"effort_days": 15, "deadline": "2027-02-28"})
async def update_feature(feature_id: UUID, change: FeatureUpdate, features: Features, if_match: IfMatch) -> FeatureRead:
    """Change a feature.

    Its state changes by transitions, not here. What is frozen keeps its work, dates and dependencies until `is_frozen`
    is set to false; `depends_on` keeps the kind and lag of links that are there already.
    """
    return FeatureRead.model_validate(await features.update(feature_id, change, if_match=if_match))


@router.delete("/{feature_id}", scope="roadmap:write")
async def delete_feature(feature_id: UUID, features: Features, if_match: IfMatch) -> None:
    """Remove a feature that never shipped.

    Refused with 409 while another feature needs it or it stands on a roadmap.
    """
    await features.delete(feature_id, if_match=if_match)


@router.post(
    "/{feature_id}/transitions",
    scope="roadmap:write",
    status=200,
    example={"to": "shipped", "at": "2027-01-18T10:00:00Z", "actual_effort_days": 14},
)
async def transition_feature(feature_id: UUID, step: TransitionCreate, features: Features) -> FeatureRead:
    """Record a step in a feature's life.

    `proposed`, `planned`, `in_progress`, `on_hold` and `dropped` come before `shipped`; what has shipped can only be
    `retired`. Give the date on which it happened when that was not now. Shipping starts the measurement of the expected
    effects. A step that is not possible is refused with 409, naming those that are.
    """
    return FeatureRead.model_validate(await features.transition(feature_id, step))


@router.post(
    "/valuations",
    scope="roadmap:write",
    status=200,
    example={"prioritization_id": "01983a7c-2c40-7d18-9b7e-3a1c5e7f9d24", "combine": "sum"},
)
async def value_features(asked: ValuationCreate, valuations: Valuations) -> ValuationRead:
    """Take the values of features from a ranking.

    Each feature is worth the scores of the requirements that it answers. The ranking is named on the feature until
    somebody sets its value by hand.
    """
    return await valuations.value(asked)
