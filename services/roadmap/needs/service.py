"""Keeps needs and pain points, and shows what they rest on."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, cast
from uuid import UUID

from services.chassis.errors import FieldError, StillReferenced, UnknownReference
from services.chassis.http_client import NeighbourDown
from services.chassis.types import Money
from services.roadmap.clients.context import RoadmapContext
from services.roadmap.clients.requirements import SeenMoney
from services.roadmap.copies.repository import ThemeCopies
from services.roadmap.keeping.repository import LinkRepository
from services.roadmap.keeping.service import Keeper
from services.roadmap.models import Need, PainPoint
from services.roadmap.needs.repository import NeedRepository, PainPointRepository
from services.roadmap.needs.schemas import NeedGrounds, NeedRead, PainPointRead, SegmentBehind, ThemeBehind

AT_A_TIME = 8


class NeedService(Keeper[Need, NeedRead]):
    """Needs."""

    noun: ClassVar[str] = "need"
    repository: ClassVar[Any] = NeedRepository
    read: ClassVar[Any] = NeedRead

    async def require_removable(self, row: Need) -> None:
        """Raises StillReferenced while a pain point belongs to it."""
        if await NeedRepository(self.work.session).has_pains(row.id):
            raise StillReferenced("Pain points belong to this need: remove them, or give them to another need.")

    async def grounds(self, need_id: UUID) -> NeedGrounds:
        """Themes are looked up as the caller may see them: their names and quotes are customers' words."""
        needs = NeedRepository(self.work.session)
        need = await needs.get(need_id)
        segments = [SegmentBehind.model_validate(each) for each in await needs.segments(need.market_segment_ids)]
        theme_ids = await needs.themes(need_id)
        await self.work.session.commit()  # ends the reading: what follows is asked over HTTP
        themes, as_of = await self._themes(theme_ids)
        pays = await self._revenue(need.company_ids)
        return NeedGrounds(
            need_id=need_id,
            themes=themes,
            themes_as_of=as_of,
            feedback_count=None if themes is None else sum(each.size for each in themes),
            market_segments=segments,
            companies=len(need.company_ids),
            revenue=need.revenue,
            revenue_of_companies=pays,
        )

    async def _themes(self, ids: set[UUID]) -> tuple[list[ThemeBehind] | None, datetime | None]:
        """From the copies when requirements is down: how much belongs to them, as of when the oldest was heard of."""
        if "requirements:read" not in self.work.principal.scopes:
            return None, None
        requirements = cast("RoadmapContext", self.work.context).requirements
        try:
            seen = await requirements.themes(ids, workspace_id=self.work.principal.workspace)
        except NeighbourDown:
            copies = (await ThemeCopies(self.work.session).by_ids(ids)).values()
            behind = [
                ThemeBehind(id=copy.id, name=None, size=copy.size or 0, quote=None)
                for copy in copies
                if not copy.is_deleted
            ]
            as_of = min((copy.refreshed_at for copy in copies), default=None)
        else:
            behind, as_of = [ThemeBehind.model_validate(each) for each in seen.values()], self.work.clock.now()
        return sorted(behind, key=lambda theme: (-theme.size, theme.id)), as_of

    async def _revenue(self, company_ids: Sequence[UUID]) -> list[Money] | None:
        """Company by company, some at a time; each is asked about once."""
        if "feedback:read" not in self.work.principal.scopes:
            return None
        requirements = cast("RoadmapContext", self.work.context).requirements
        today, some = self.work.clock.now().date(), asyncio.Semaphore(AT_A_TIME)

        async def paid_by(company_id: UUID) -> list[SeenMoney]:
            async with some:
                return await requirements.revenue(company_id, on=today, workspace_id=self.work.principal.workspace)

        try:
            paid = await asyncio.gather(*(paid_by(each) for each in company_ids))
        except NeighbourDown:
            return None
        totals: Counter[str] = Counter()
        for amount in (each for amounts in paid for each in amounts):
            totals[amount.currency] += amount.amount_minor
        return [Money(amount_minor=total, currency=currency) for currency, total in sorted(totals.items())]


class PainPointService(Keeper[PainPoint, PainPointRead]):
    """Pain points, each of one need."""

    noun: ClassVar[str] = "pain_point"
    repository: ClassVar[Any] = PainPointRepository
    read: ClassVar[Any] = PainPointRead

    async def check(self, row: PainPoint) -> None:
        """Raises UnknownReference when its need does not exist."""
        if not await LinkRepository(self.work.session).held("need", [row.need_id]):
            raise UnknownReference(errors=[FieldError("/need_id", f"There is no need {row.need_id}.", "unknown")])
