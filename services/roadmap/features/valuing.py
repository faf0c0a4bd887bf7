"""Takes the values of features from a ranking of their requirements."""

from collections.abc import Collection, Sequence
from typing import cast
from uuid import UUID

from services.chassis.errors import FieldError, Invalid, NotFound, UnknownReference
from services.chassis.unit_of_work import Work
from services.roadmap.clients.context import RoadmapContext
from services.roadmap.clients.requirements import SeenRanking
from services.roadmap.domain.valuation import value_from
from services.roadmap.features.facts import feature_facts
from services.roadmap.features.links import require_known
from services.roadmap.features.repository import FeatureRepository
from services.roadmap.features.schemas import ValuationCreate, ValuationRead, ValuedFeature
from services.roadmap.models import Feature

LARGEST_VALUE = 1e9


class ValuationService:
    """From scores of requirements to values of features."""

    def __init__(self, work: Work) -> None:
        self.work = work

    async def value(self, asked: ValuationCreate) -> ValuationRead:
        """Raises UnknownReference for a ranking or feature that is not there, Invalid for scores out of range."""
        ranking = await self._ranking(asked.prioritization_id)
        scores = {str(line.requirement_id): line.score for line in ranking.ranking}
        features = await self._features(asked, ranking)
        before = {feature.id: feature.value for feature in features}
        valued, unranked = [], []
        for feature in features:
            value = value_from([str(each) for each in feature.requirement_ids], scores, combine=asked.combine)
            if value is None:
                unranked.append(feature.id)
                continue
            if value > LARGEST_VALUE:
                raise Invalid(f"Feature {feature.id} would be worth more than {LARGEST_VALUE:,.0f} points.")
            feature.value, feature.prioritization_id = value, ranking.id
            valued.append(ValuedFeature(feature_id=feature.id, value_before=before[feature.id], value=value))
        await self._tell([feature for feature in features if feature.id not in set(unranked)])
        return ValuationRead(prioritization_id=ranking.id, name=ranking.name, valued=valued, unranked=unranked)

    async def _ranking(self, prioritization_id: UUID) -> SeenRanking:
        """Before the transaction begins: it asks over HTTP."""
        clients = cast("RoadmapContext", self.work.context)
        try:
            return await clients.requirements.ranking(prioritization_id, workspace_id=self.work.principal.workspace)
        except NotFound:
            detail = f"There is no prioritization {prioritization_id}."
            raise UnknownReference(errors=[FieldError("/prioritization_id", detail, "unknown")]) from None

    async def _features(self, asked: ValuationCreate, ranking: SeenRanking) -> Sequence[Feature]:
        repository = FeatureRepository(self.work.session)
        if asked.feature_ids is None:
            found = await repository.answering([line.requirement_id for line in ranking.ranking])
            wanted: Collection[UUID] = [feature.id for feature in found]
        else:
            wanted = asked.feature_ids
        await repository.hold(wanted)
        self.work.session.expire_all()
        known = await repository.by_ids(wanted)
        if asked.feature_ids is not None:
            require_known("feature_ids", asked.feature_ids, known, noun="feature")
        return [known[each] for each in sorted(known)]

    async def _tell(self, features: Sequence[Feature]) -> None:
        changed = [feature for feature in features if feature in self.work.session.dirty]
        await self.work.session.flush()
        log = self.work.events
        await log.append_all(
            [
                log.new(
                    "feature.updated",
                    subject_type="feature",
                    subject_id=feature.id,
                    version=feature.version,
                    data=feature_facts(feature),
                )
                for feature in changed
            ]
        )
