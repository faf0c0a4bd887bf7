"""Keeps integrations and links, and says where plan and tracker disagree."""

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.chassis import standard_webhooks
from services.chassis.concurrency import Precondition
from services.chassis.errors import AlreadyExists, FieldError, Invalid, UnknownReference
from services.chassis.pagination import PageQuery, list_page
from services.chassis.sealing import Sealer
from services.chassis.types import Page
from services.chassis.unit_of_work import UnitOfWork, Work
from services.roadmap.copies.service import CopyService
from services.roadmap.domain.states import Lifecycle
from services.roadmap.domain.tracking import Contradiction, IssueWord, contradictions, requirement_contradictions
from services.roadmap.features.repository import FeatureRepository
from services.roadmap.models import Integration, IssueLink
from services.roadmap.trackers.providers.all import TRACKERS, Provider, whose
from services.roadmap.trackers.repository import IntegrationRepository, IssueLinkRepository
from services.roadmap.trackers.schemas import (
    IntegrationCreate,
    IntegrationRead,
    IntegrationSecretRotate,
    IntegrationUpdate,
    IssueLinkCreate,
    IssueLinkRead,
)

SECRET_BYTES = 32
PATH = "/v1/integrations/{integration_id}/webhook"


def new_secret() -> str:
    """In the form of Standard Webhooks, which GitLab asks of a signing token; the others take any text."""
    return standard_webhooks.shown(secrets.token_bytes(SECRET_BYTES))


def sealer_of(work: UnitOfWork) -> Sealer:
    """Seals with the installation's own key."""
    return Sealer(work.context.settings.secret_bytes("cursor_key"))


class IntegrationService:
    """Which trackers are believed, and how their states are read."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def integrations(self) -> IntegrationRepository:
        return IntegrationRepository(self.work.session)

    async def create(self, new: IntegrationCreate) -> tuple[Integration, str | None]:
        """The integration, and the secret where it was made here."""
        integration = Integration(
            id=self.work.ids(), name=new.name, provider=new.provider, status_mapping=new.status_mapping
        )
        made = self._give_secret(integration, new.secret)
        await self.integrations.add(integration)
        await self._tell("integration.created", integration, version=integration.version)
        return integration, made

    async def get(self, integration_id: UUID) -> Integration:
        return await self.integrations.get(integration_id)

    async def search(self, page: PageQuery) -> Page[IntegrationRead]:
        return await list_page(
            self.work,
            self.integrations.rows(),
            page,
            model=Integration,
            subject_type="integration",
            read=integration_read,
            filters={},
        )

    async def update(self, integration_id: UUID, change: IntegrationUpdate, *, if_match: Precondition) -> Integration:
        integration = await self._locked(integration_id, if_match)
        for name, value in change.changes().items():
            setattr(integration, name, value)
        await self.work.session.flush()
        await self._tell("integration.updated", integration, version=integration.version)
        return integration

    async def rotate(self, integration_id: UUID, change: IntegrationSecretRotate) -> tuple[Integration, str | None]:
        """Both secrets are believed for a while, so that no event is lost between the two settings."""
        integration = await self.integrations.get(integration_id, lock=True)
        integration.sealed_previous = integration.sealed_secret if change.overlap_hours else None
        until = self.work.clock.now() + timedelta(hours=change.overlap_hours)
        integration.previous_until = until if change.overlap_hours else None
        made = self._give_secret(integration, change.secret)
        await self.work.session.flush()
        await self._tell("integration.secret_rotated", integration, version=integration.version)
        return integration, made

    async def delete(self, integration_id: UUID, *, if_match: Precondition) -> None:
        integration = await self._locked(integration_id, if_match)
        version = integration.version
        await self.integrations.remove(integration)
        await self._tell("integration.deleted", integration, version=version + 1)

    async def _locked(self, integration_id: UUID, if_match: Precondition) -> Integration:
        integration = await self.integrations.get(integration_id, lock=True)
        if_match.check(integration)
        return integration

    def _give_secret(self, integration: Integration, given: str | None) -> str | None:
        secret = given or new_secret()
        integration.sealed_secret = sealer_of(self.work).seal(secret, owner=integration.id.bytes)
        return None if given else secret

    async def _tell(self, kind: str, integration: Integration, *, version: int) -> None:
        data = {"provider": integration.provider}
        await self.work.events.append(
            kind, subject_type="integration", subject_id=integration.id, version=version, data=data
        )


class IssueLinkService:
    """Which issues stand for which features and requirements."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.copies = CopyService(work)

    @property
    def links(self) -> IssueLinkRepository:
        return IssueLinkRepository(self.work.session)

    async def create(self, new: IssueLinkCreate) -> IssueLink:
        """Raises Invalid for no address of an issue, UnknownReference, AlreadyExists."""
        provider, issue = _issue_at(new.url, new.provider)
        if new.requirement_id is not None:
            await self.copies.require(requirements={"/requirement_id": new.requirement_id})
        elif new.feature_id is not None:
            await self._require_feature(new.feature_id)
        same = self.links.matching(
            provider=provider, issue=issue, feature_id=new.feature_id, requirement_id=new.requirement_id
        )
        if await self.links.all(same):
            raise AlreadyExists(errors=[FieldError("/url", "This issue stands for it already.", "taken")])
        link = await self.links.add(
            IssueLink(
                provider=provider,
                url=new.url,
                issue=issue,
                feature_id=new.feature_id,
                requirement_id=new.requirement_id,
            )
        )
        await tell_link(self.work, "issue_link.created", link)
        return await self.links.get(link.id)

    async def get(self, issue_link_id: UUID) -> IssueLink:
        return await self.links.get(issue_link_id)

    async def search(self, page: PageQuery, **wanted: Any) -> Page[IssueLinkRead]:
        return await list_page(
            self.work,
            self.links.matching(**wanted),
            page,
            model=IssueLink,
            subject_type="issue_link",
            read=issue_link_read,
            filters=wanted,
        )

    async def delete(self, issue_link_id: UUID, *, if_match: Precondition) -> None:
        link = await self.links.get(issue_link_id, lock=True)
        if_match.check(link)
        version = link.version
        await self.links.remove(link)
        await tell_link(self.work, "issue_link.deleted", link, version=version + 1)

    async def _require_feature(self, feature_id: UUID) -> None:
        if feature_id not in await FeatureRepository(self.work.session).titles({feature_id}):
            raise UnknownReference(errors=[FieldError("/feature_id", f"There is no feature {feature_id}.", "unknown")])


async def tell_link(work: UnitOfWork, kind: str, link: IssueLink, *, version: int | None = None) -> None:
    """Ids and facts; titles and texts of issues never come in."""
    data = {
        "provider": link.provider,
        "feature_id": link.feature_id,
        "requirement_id": link.requirement_id,
        "phase": link.phase,
        "reported_status": link.reported_status,
        "reported_at": link.reported_at,
    }
    await work.events.append(
        kind, subject_type="issue_link", subject_id=link.id, version=version or link.version, data=data
    )


def _issue_at(url: str, provider: Provider | None) -> tuple[Provider, str]:
    if provider is None:
        found = whose(url)
    else:
        issue = TRACKERS[provider].identify(url)
        found = (provider, issue) if issue else None
    if found is None:
        raise Invalid(errors=[FieldError("/url", "No tracker that is known here has issues at such addresses.")])
    return found


def word_of(link: IssueLink) -> IssueWord:
    """What the issue last said, for the domain."""
    return IssueWord(link.reported_status, link.issue_started_at, link.issue_done_at)


def contradictions_of(link: IssueLink) -> list[Contradiction]:
    """Where the link's issue and the plan cannot both be right, now."""
    if link.feature is not None:
        feature = link.feature
        life = Lifecycle(feature.status, feature.started_at, feature.shipped_at, feature.retired_at)
        return list(contradictions(life, word_of(link)))
    status = link.requirement.status if link.requirement is not None else None
    return list(requirement_contradictions(status, word_of(link)))


def integration_read(integration: Integration) -> IntegrationRead:
    shown = {name: getattr(integration, name) for name in IntegrationRead.model_fields if name != "webhook_path"}
    return IntegrationRead(**shown, webhook_path=PATH.format(integration_id=integration.id))


def issue_link_read(link: IssueLink) -> IssueLinkRead:
    shown = {name: getattr(link, name) for name in IssueLinkRead.model_fields if name != "contradictions"}
    return IssueLinkRead(**shown, contradictions=contradictions_of(link))
