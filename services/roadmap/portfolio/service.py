"""Lays several roadmaps over one another."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from services.chassis.errors import FieldError, UnknownReference
from services.chassis.unit_of_work import Work
from services.roadmap.domain.horizons import column_of
from services.roadmap.features.repository import FeatureRepository
from services.roadmap.models import Feature, Roadmap, RoadmapItem
from services.roadmap.portfolio.repository import ReleasesOfFeatures
from services.roadmap.portfolio.schemas import (
    Board,
    Card,
    CrossDependency,
    DateClash,
    Lane,
    PlaceOnRoadmap,
    PortfolioRead,
    PortfolioRoadmap,
    SharedTeam,
)
from services.roadmap.roadmaps.repository import ItemRepository, RoadmapRepository
from services.roadmap.teams.repository import TeamRepository

MOST_ROADMAPS = 50


class PortfolioService:
    """One view of products that share teams."""

    def __init__(self, work: Work) -> None:
        self.work = work

    async def view(self, roadmap_ids: Sequence[UUID], *, product_id: UUID | None) -> PortfolioRead:
        """Raises UnknownReference for a roadmap that is not there."""
        roadmaps = await self._roadmaps(roadmap_ids)
        items = await ItemRepository(self.work.session).everything_on_all([each.id for each in roadmaps])
        placed: dict[UUID, list[RoadmapItem]] = defaultdict(list)
        for item in items:
            placed[item.feature_id].append(item)
        features = await FeatureRepository(self.work.session).by_ids(placed)
        releases = await ReleasesOfFeatures(self.work.session).of(placed)
        today = self.work.clock.now().date()
        cards = {
            each: _card(features[each], placed[each], releases.get(each, []), today=today)
            for each in sorted(placed)
            if features[each].status != "dropped" and product_id in {None, features[each].product_id}
        }
        return PortfolioRead(
            as_of=today,
            roadmaps=[PortfolioRoadmap(id=each.id, name=each.name) for each in roadmaps],
            board=_board(cards.values()),
            timeline=[_lane(each, cards) for each in roadmaps],
            shared_teams=await self._shared_teams(cards),
            date_clashes=list(_clashes(cards)),
            dependencies=list(_across(cards)),
        )

    async def _roadmaps(self, roadmap_ids: Sequence[UUID]) -> list[Roadmap]:
        repository = RoadmapRepository(self.work.session)
        if not roadmap_ids:
            return list(await repository.following(None, limit=MOST_ROADMAPS))
        known = await repository.by_ids(roadmap_ids)
        if missing := [each for each in roadmap_ids if each not in known]:
            raise UnknownReference(
                errors=[FieldError("query/roadmap_ids", f"There is no roadmap {missing[0]}.", "unknown")]
            )
        return [known[each] for each in dict.fromkeys(roadmap_ids)]

    async def _shared_teams(self, cards: Mapping[UUID, Card]) -> list[SharedTeam]:
        roadmaps: dict[UUID, set[UUID]] = defaultdict(set)
        products: dict[UUID, set[UUID]] = defaultdict(set)
        for card in cards.values():
            for team_id in card.team_ids:
                roadmaps[team_id] |= {place.roadmap_id for place in card.places}
                products[team_id] |= {card.product_id} if card.product_id else set()
        shared = sorted(each for each in roadmaps if len(roadmaps[each]) > 1 or len(products[each]) > 1)
        teams = await TeamRepository(self.work.session).by_ids(shared)
        return [
            SharedTeam(
                team_id=each,
                name=teams[each].name,
                roadmap_ids=sorted(roadmaps[each]),
                product_ids=sorted(products[each]),
            )
            for each in shared
        ]


def _card(feature: Feature, items: Sequence[RoadmapItem], releases: list[UUID], *, today: date) -> Card:
    starts_on = min((item.starts_on for item in items if item.starts_on), default=None)
    ends_on = max((item.ends_on for item in items if item.ends_on), default=None)
    # Several roadmaps may differ: the nearest horizon is the one that people work by.
    horizon = min((item.horizon for item in items if item.horizon), key=["now", "next", "later"].index, default=None)
    is_open = feature.shipped_at is None
    is_late = ends_on is not None and (ends_on < today or (feature.deadline is not None and feature.deadline < ends_on))
    return Card.model_validate(
        {
            "feature_id": feature.id,
            "product_id": feature.product_id,
            "title": feature.title,
            "status": feature.status,
            "column": column_of(feature.status, horizon, starts_on, today=today),
            "places": [
                PlaceOnRoadmap(
                    roadmap_id=each.roadmap_id, starts_on=each.starts_on, ends_on=each.ends_on, is_pinned=each.is_pinned
                )
                for each in items
            ],
            "starts_on": starts_on,
            "ends_on": ends_on,
            "is_late": is_open and is_late,
            "team_ids": sorted({each.team_id for each in feature.work_packages if each.team_id}),
            "depends_on": feature.depends_on,
            "release_ids": releases,
        }
    )


def _board(cards: Iterable[Card]) -> Board:
    columns: dict[str, list[Card]] = {"now": [], "next": [], "later": [], "shipped": []}
    for card in sorted(cards, key=_by_date):
        columns[card.column].append(card)
    return Board(**columns)


def _lane(roadmap: Roadmap, cards: Mapping[UUID, Card]) -> Lane:
    dated = [
        (place.starts_on or place.ends_on, card)
        for card in cards.values()
        for place in card.places
        if place.roadmap_id == roadmap.id and (place.starts_on or place.ends_on)
    ]
    ordered = sorted(dated, key=lambda each: (each[0] or date.max, each[1].feature_id))
    return Lane(roadmap_id=roadmap.id, name=roadmap.name, cards=[card.feature_id for _, card in ordered])


def _clashes(cards: Mapping[UUID, Card]) -> Iterator[DateClash]:
    for card in cards.values():
        dates = {(place.starts_on, place.ends_on) for place in card.places if place.starts_on or place.ends_on}
        if len(dates) > 1:
            ids = [place.roadmap_id for place in card.places]
            yield DateClash(feature_id=card.feature_id, title=card.title, roadmap_ids=sorted(ids))


def _across(cards: Mapping[UUID, Card]) -> Iterator[CrossDependency]:
    for card in cards.values():
        own = {place.roadmap_id for place in card.places}
        for needed_id in card.depends_on:
            needed = cards.get(needed_id)
            others = {place.roadmap_id for place in needed.places} if needed else set()
            if own.isdisjoint(others):
                yield CrossDependency(
                    feature_id=card.feature_id,
                    needs_feature_id=needed_id,
                    roadmap_ids=sorted(own),
                    needs_roadmap_ids=sorted(others),
                    is_in_order=_is_in_order(card, needed),
                )


def _is_in_order(card: Card, needed: Card | None) -> bool | None:
    if needed is None or (card.starts_on is None):
        return None
    if needed.column == "shipped":
        return True
    return None if needed.ends_on is None else needed.ends_on <= card.starts_on


def _by_date(card: Card) -> tuple[date, date, UUID]:
    return card.starts_on or date.max, card.ends_on or date.max, card.feature_id
