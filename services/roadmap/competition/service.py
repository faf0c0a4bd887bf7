"""Keeps competitors, capabilities and positionings, and lays the product beside the others."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from services.chassis.errors import FieldError, Invalid, UnknownReference
from services.roadmap.competition.repository import (
    CapabilityRepository,
    CompetitorRepository,
    PositioningRepository,
)
from services.roadmap.competition.schemas import (
    CapabilityRating,
    CapabilityRead,
    ComparedCapability,
    ComparisonRead,
    CompetitorRead,
    LevelRead,
    PositioningRead,
    StandingRead,
)
from services.roadmap.domain.comparison import Rated, leads, standings
from services.roadmap.keeping.repository import LinkRepository
from services.roadmap.keeping.service import Keeper
from services.roadmap.models import Capability, Competitor, Positioning
from services.roadmap.products.repository import ProductRepository
from services.roadmap.products.service import require_product


class CompetitorService(Keeper[Competitor, CompetitorRead]):
    """Competitors."""

    noun: ClassVar[str] = "competitor"
    repository: ClassVar[Any] = CompetitorRepository
    read: ClassVar[Any] = CompetitorRead


class PositioningService(Keeper[Positioning, PositioningRead]):
    """Positionings."""

    noun: ClassVar[str] = "positioning"
    repository: ClassVar[Any] = PositioningRepository
    read: ClassVar[Any] = PositioningRead

    async def check(self, row: Positioning) -> None:
        """Raises UnknownReference when its product does not exist."""
        await require_product(self.work, row.product_id)


class CapabilityService(Keeper[Capability, CapabilityRead]):
    """Capabilities; whoever is rated is linked to, so that nobody disappears from under a rating."""

    noun: ClassVar[str] = "capability"
    repository: ClassVar[Any] = CapabilityRepository
    read: ClassVar[Any] = CapabilityRead

    async def compare(self, product_id: UUID) -> ComparisonRead:
        product = await ProductRepository(self.work.session).get(product_id)
        rivals = await CompetitorRepository(self.work.session).names()
        rows = await CapabilityRepository(self.work.session).every()
        names = {product_id: product.name, **rivals}
        rated = [_rated(row) for row in rows]
        best = leads(rated, product=str(product_id), rivals={str(each) for each in rivals})
        return ComparisonRead(
            product_id=product_id,
            capabilities=[
                ComparedCapability(
                    capability_id=row.id,
                    title=row.title,
                    importance=row.importance,
                    own=_level(row, product_id, product.name),
                    rivals=[_level(row, each, name) for each, name in rivals.items()],
                    best_rivals=[UUID(each) for each in lead.rivals],
                    lead=lead.lead,
                )
                for row, lead in zip(rows, best, strict=True)
            ],
            standings=[
                StandingRead(id=UUID(each.subject), name=names[UUID(each.subject)], score=each.score, known=each.known)
                for each in standings(rated, [str(each) for each in names])
            ],
        )

    async def _write(self, row: Capability, fields: Mapping[str, Any]) -> None:
        plain = dict(fields)
        if "ratings" in fields:
            ratings: list[CapabilityRating] = fields["ratings"]
            await self._require_rated(ratings)
            plain["ratings"] = [each.model_dump(mode="json") for each in ratings]
            plain |= {
                f"{kind}_ids": [each.id for each in ratings if each.kind == kind] for kind in ("product", "competitor")
            }
        await super()._write(row, plain)

    async def _require_rated(self, ratings: list[CapabilityRating]) -> None:
        """Raises Invalid for somebody rated twice, UnknownReference for somebody who is not there."""
        if len({each.id for each in ratings}) < len(ratings):
            raise Invalid(errors=[FieldError("/ratings", "Rate each once.")])
        faults = []
        for kind in ("product", "competitor"):
            named = {position: each.id for position, each in enumerate(ratings) if each.kind == kind}
            known = await LinkRepository(self.work.session).held(kind, named.values()) if named else set()
            faults += [
                FieldError(f"/ratings/{position}/id", f"There is no {kind} {each}.", "unknown")
                for position, each in named.items()
                if each not in known
            ]
        if faults:
            raise UnknownReference(errors=faults)


def _rated(row: Capability) -> Rated:
    return Rated(str(row.id), row.importance, {each["id"]: each["level"] for each in row.ratings})


def _level(row: Capability, subject: UUID, name: str) -> LevelRead:
    rating = next((each for each in row.ratings if each["id"] == str(subject)), None)
    return LevelRead(
        id=subject, name=name, level=rating and rating["level"], source=rating["source"] if rating else None
    )
