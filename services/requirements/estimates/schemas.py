"""What callers send and see of one person's estimates."""

from uuid import UUID

from pydantic import Field

from services.chassis.types import Body, Label, Patch, Remark, Resource, omitted
from services.requirements.backlog.estimating import Estimates, EstimatesUpdate


class PersonalEstimateCreate(Body):
    """One person's estimates of a requirement."""

    estimator: Label | None = Field(
        default=None, description="Whose estimates these are, as your team calls them; your own unless given."
    )
    estimates: Estimates
    reason: Remark = Field(default="", validate_default=False, description="What they rest on.")


class PersonalEstimateUpdate(Patch):
    """What a person thinks differently now."""

    estimates: EstimatesUpdate = omitted()
    reason: Remark = omitted()


class PersonalEstimateRead(Resource):
    """What one person estimates."""

    requirement_id: UUID
    estimator: str
    estimates: Estimates
    reason: str
