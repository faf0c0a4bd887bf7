"""What callers see of the costs of features."""

from datetime import date
from uuid import UUID

from pydantic import Field

from services.chassis.types import Money, Reading
from services.roadmap.domain.costing import Lack
from services.roadmap.exchange_rates.schemas import RateUsed, RateWanted


class PackageCost(Reading):
    skill: str
    team_id: UUID | None
    likely_days: float
    day_rate: Money | None = Field(description="The mean over those who have the skill, in the team or in all of them.")
    low: Money | None
    likely: Money | None
    high: Money | None
    lacks: Lack | None = Field(description="Why it has no cost: nobody has a day rate, or it cannot be converted.")


class FeatureCost(Reading):
    feature_id: UUID
    currency: str | None = Field(description="Of every amount; null when neither cost nor day rate names one.")
    on: date = Field(description="The day whose rates hold.")
    stated: Money | None = Field(description="As whoever planned the feature says; converted.")
    low: Money | None
    likely: Money | None = Field(description="Its work packages at the day rates of those who do them.")
    high: Money | None
    difference: Money | None = Field(description="Likely less stated; positive when it was stated too low.")
    is_complete: bool = Field(description="Whether every work package has a cost.")
    work_packages: list[PackageCost]
    conversions: list[RateUsed]
    missing_rates: list[RateWanted]
