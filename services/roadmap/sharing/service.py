"""Keeps share links: who may see which roadmap as which audience, and who came."""

import secrets
from hashlib import sha256
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import FieldError, Invalid, UnknownReference
from services.chassis.pagination import PageQuery, list_page, newest_first
from services.chassis.types import Page, Timestamp
from services.chassis.unit_of_work import Work
from services.roadmap.audiences.repository import AudienceRepository
from services.roadmap.models import ShareLink, ShareLinkVisit
from services.roadmap.roadmaps.repository import RoadmapRepository
from services.roadmap.scenarios.repository import ScenarioRepository
from services.roadmap.sharing.repository import ShareLinkRepository, VisitRepository
from services.roadmap.sharing.schemas import ShareLinkCreate, ShareLinkRead, ShareLinkUpdate, VisitRead

TOKEN_BYTES = 32


def digest_of(token: str) -> bytes:
    """What is kept of a token; it holds 256 random bits, so that there is nothing to guess and no salt needed."""
    return sha256(token.encode("utf-8", "replace")).digest()


class ShareLinkService:
    """Share links."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def links(self) -> ShareLinkRepository:
        return ShareLinkRepository(self.work.session)

    async def create(self, new: ShareLinkCreate) -> tuple[ShareLink, str]:
        """The link and its token. Raises UnknownReference, and Invalid for an end that has passed."""
        self._require_ahead(new.expires_at)
        if await RoadmapRepository(self.work.session).find(new.roadmap_id) is None:
            raise UnknownReference(errors=[FieldError("/roadmap_id", "There is no such roadmap.", "unknown")])
        if await AudienceRepository(self.work.session).find(new.audience_id) is None:
            raise UnknownReference(errors=[FieldError("/audience_id", "There is no such audience.", "unknown")])
        await self._require_scenario(new)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        link = await self.links.add(ShareLink(**new.fields(), digest=digest_of(token)))
        await self._tell("share_link.created", link)
        return link, token

    async def get(self, share_link_id: UUID) -> ShareLink:
        return await self.links.get(share_link_id)

    async def search(self, page: PageQuery, *, roadmap_id: UUID | None) -> Page[ShareLinkRead]:
        query = self.links.rows()
        if roadmap_id is not None:
            query = query.where(ShareLink.roadmap_id == roadmap_id)
        return await list_page(
            self.work,
            query,
            page,
            model=ShareLink,
            subject_type="share_link",
            read=ShareLinkRead.model_validate,
            filters={"roadmap_id": roadmap_id},
        )

    async def update(self, share_link_id: UUID, change: ShareLinkUpdate, *, if_match: Precondition) -> ShareLink:
        link = await self.links.get(share_link_id, lock=True)
        if_match.check(link)
        changes = change.changes()
        self._require_ahead(changes.get("expires_at"))
        for name, value in changes.items():
            setattr(link, name, value)
        await self.work.session.flush()
        await self._tell("share_link.updated", link)
        return link

    async def revoke(self, share_link_id: UUID) -> ShareLink:
        """From now on it shows nothing; revoking again changes nothing."""
        link = await self.links.get(share_link_id, lock=True)
        if link.revoked_at is None:
            link.revoked_at = self.work.clock.now()
            await self.work.session.flush()
            await self._tell("share_link.revoked", link)
        return link

    async def visits(self, share_link_id: UUID, page: PageQuery) -> Page[VisitRead]:
        await self.links.get(share_link_id)
        return await list_page(
            self.work,
            VisitRepository(self.work.session).of(share_link_id),
            page,
            model=ShareLinkVisit,
            subject_type="share_link_visit",
            read=VisitRead.model_validate,
            sort=newest_first(ShareLinkVisit),
            filters={"share_link_id": share_link_id},
        )

    async def _require_scenario(self, new: ShareLinkCreate) -> None:
        if new.scenario_id is None:
            return
        scenario = await ScenarioRepository(self.work.session).find(new.scenario_id)
        if scenario is None or scenario.roadmap_id != new.roadmap_id:
            raise UnknownReference(errors=[FieldError("/scenario_id", "The roadmap has no such scenario.", "unknown")])

    def _require_ahead(self, moment: Timestamp | None) -> None:
        if moment is not None and moment <= self.work.clock.now():
            raise Invalid(errors=[FieldError("/expires_at", "That has passed: revoke the link to end it now.")])

    async def _tell(self, kind: str, link: ShareLink) -> None:
        data = {"roadmap_id": link.roadmap_id, "audience_id": link.audience_id, "expires_at": link.expires_at}
        await self.work.events.append(
            kind, subject_type="share_link", subject_id=link.id, version=link.version, data=data
        )
