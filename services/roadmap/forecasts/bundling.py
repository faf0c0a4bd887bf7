"""The releases that a forecast speaks of, and how they are told."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from services.roadmap.domain.states import PLANNABLE
from services.roadmap.forecasts.record import PlannedRelease
from services.roadmap.models import Feature, Release


def releases_of(
    releases: Sequence[Release], features: Mapping[UUID, Feature], *, forecast: Collection[str]
) -> Iterator[PlannedRelease]:
    """Those with a feature that is forecast; `features` holds all of theirs."""
    for release in releases:
        left = [each for each in release.feature_ids if features[each].status in PLANNABLE]
        covered = tuple(str(each) for each in left if str(each) in forecast)
        if covered:
            uncovered = tuple(str(each) for each in left if str(each) not in forecast)
            yield PlannedRelease(str(release.id), covered, uncovered, release.target_on)


def told_release(release: PlannedRelease, *, done: Mapping[str, str], chance: float | None) -> dict[str, Any]:
    """As the answer has it: of half a release nobody knows the chance."""
    return {
        "release_id": release.id,
        "done": done,
        "promised_on": None if release.promised_on is None else release.promised_on.isoformat(),
        "chance": None if release.uncovered else chance,
        "uncovered_feature_ids": release.uncovered,
    }
