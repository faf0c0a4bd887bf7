"""The plan as it is counted: what is left, in order, and how many features were done per week."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from services.roadmap.domain.calendars import monday_of
from services.roadmap.forecasts.question import in_plan_order, promise_of
from services.roadmap.forecasts.record import OpenFeature, ThroughputQuestion
from services.roadmap.models import Feature, RoadmapItem


def throughput_question_of(
    items: Sequence[RoadmapItem],
    features: Mapping[UUID, Feature],
    *,
    starts_on: date,
    today: date,
    history_weeks: int,
) -> ThroughputQuestion:
    """`features` are those on the roadmap, done ones too, and all that these need."""
    first = monday_of(starts_on)
    placed = {item.feature_id: item for item in items}
    done_per_week = weeks_of(features.values(), until=monday_of(today), most=history_weeks)
    left = list(in_plan_order(items, features))
    has_history = any(done_per_week)
    return ThroughputQuestion(
        first=first,
        features=tuple(_open(feature, placed.get(feature.id), first=first) for feature in left if has_history),
        left_out={} if has_history else {str(feature.id): "no_history" for feature in left},
        done_per_week=done_per_week,
    )


def weeks_of(features: Iterable[Feature], *, until: date, most: int) -> tuple[int, ...]:
    """How many were done in each week before `until`, oldest first, from the week of the first feature on."""
    known = list(features)
    born = [min(each.created_at, each.shipped_at or each.created_at).date() for each in known]
    done = Counter(monday_of(each.shipped_at.date()) for each in known if each.shipped_at is not None)
    begin = max(until - timedelta(weeks=most), min(map(monday_of, born), default=until))
    return tuple(done[begin + timedelta(weeks=week)] for week in range((until - begin).days // 7))


def _open(feature: Feature, item: RoadmapItem | None, *, first: date) -> OpenFeature:
    earliest = max(0, (feature.earliest_start - first).days // 7) if feature.earliest_start else 0
    return OpenFeature(str(feature.id), earliest, promise_of(feature, item))
