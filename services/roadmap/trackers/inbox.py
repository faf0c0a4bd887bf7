"""What trackers send: verified by their own scheme, read, and taken for what it says of the plan."""

from collections.abc import Iterator, Mapping
from typing import Any, cast
from uuid import UUID

import structlog

from services.chassis.errors import MalformedBody, Unauthenticated
from services.chassis.identity import Principal
from services.chassis.sealing import Unsealable
from services.chassis.strict_json import parse_json
from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.clients.context import RoadmapContext
from services.roadmap.domain.states import Lifecycle
from services.roadmap.domain.tracking import IssueReport, next_step, reported_status
from services.roadmap.features.schemas import TransitionCreate
from services.roadmap.features.service import FeatureService, ImpossibleTransition
from services.roadmap.models import Feature, Integration, IssueLink
from services.roadmap.trackers.providers.all import TRACKERS, Provider
from services.roadmap.trackers.providers.tracker import Headers, UnreadableEvent
from services.roadmap.trackers.repository import IntegrationRepository, IssueLinkRepository, workspace_of
from services.roadmap.trackers.service import sealer_of, tell_link, word_of

log = structlog.get_logger(__name__)


class NotGenuine(Unauthenticated):
    code, title = "signature_invalid", "Nobody whom we know has signed this"


class TrackerInbox:
    """One event of one tracker, from the signature to the plan, in one transaction."""

    def __init__(self, context: RoadmapContext) -> None:
        self._context = context

    async def receive(self, integration_id: UUID, *, headers: Headers, body: bytes) -> None:
        """Raises NotGenuine, also for an integration that there is not, and MalformedBody.

        An event that came before, or late, changes nothing: what counts is the moment that it tells of.
        """
        async with self._context.database.session(workspace_id=None, read_only=True) as session:
            workspace_id = await workspace_of(session, integration_id)
        if workspace_id is None:
            raise NotGenuine
        principal = Principal(f"integration:{integration_id}", "system", workspace_id)
        work = UnitOfWork(self._context, principal, source=headers.get("x-forwarded-for", "")[:200])
        try:
            await self._take(work, integration_id, headers, body)
            await work.audit.write()
            await work.session.commit()
        finally:
            await work.close()

    async def _take(self, work: UnitOfWork, integration_id: UUID, headers: Headers, body: bytes) -> None:
        integrations = IntegrationRepository(work.session)
        integration = await integrations.find(integration_id)
        if integration is None:
            raise NotGenuine
        self._require_genuine(work, integration, headers, body)
        await integrations.note_heard(integration_id, work.clock.now())
        report = _report(cast("Provider", integration.provider), headers, body)
        if report is not None:
            await self._apply(work, integration, report)

    def _require_genuine(self, work: UnitOfWork, integration: Integration, headers: Headers, body: bytes) -> None:
        tracker, now = TRACKERS[cast("Provider", integration.provider)], work.clock.now()
        for secret in _secrets(work, integration):
            if tracker.is_genuine(secret, headers=headers, body=body, now=now):
                return
        raise NotGenuine

    async def _apply(self, work: UnitOfWork, integration: Integration, report: IssueReport) -> None:
        links = IssueLinkRepository(work.session)
        features: dict[UUID, Feature] = {}
        for link in await links.of_issue(integration.provider, report.issue):
            if link.reported_at is not None and report.at <= link.reported_at:
                continue
            _note(link, report, integration)
            await work.session.flush()
            await tell_link(work, "issue_link.reported", link)
            if link.feature is not None:
                features[link.feature.id] = link.feature
        for feature in features.values():
            await self._move(work, feature, await links.of_feature(feature.id))

    async def _move(self, work: UnitOfWork, feature: Feature, links: Any) -> None:
        """A step that the feature's life does not have is not taken: the link shows the contradiction."""
        life = Lifecycle(feature.status, feature.started_at, feature.shipped_at, feature.retired_at)
        step = next_step(life, [word_of(link) for link in links], now=work.clock.now())
        if step is None:
            return
        try:
            change = TransitionCreate(to=step.to, at=step.at, started_at=step.started_at)
            await FeatureService(work).transition(feature.id, change)
        except ImpossibleTransition as refused:
            log.info("tracker.step_refused", feature_id=str(feature.id), to=step.to, rule=refused.extensions["rule"])


def _secrets(work: UnitOfWork, integration: Integration) -> Iterator[str]:
    sealed = [integration.sealed_secret]
    if integration.sealed_previous and integration.previous_until and integration.previous_until > work.clock.now():
        sealed.append(integration.sealed_previous)
    for each in sealed:
        try:
            yield sealer_of(work).open(each, owner=integration.id.bytes)
        except Unsealable:
            log.error("integration.secret_unreadable", integration_id=str(integration.id))


def _report(provider: Provider, headers: Headers, body: bytes) -> IssueReport | None:
    event = parse_json(body)
    try:
        if not isinstance(event, Mapping):
            raise UnreadableEvent
        report = TRACKERS[provider].read(headers, event)
    except (UnreadableEvent, KeyError, TypeError, ValueError, AttributeError, OverflowError) as fault:
        raise MalformedBody(f"This is no event as {provider} publishes it.") from fault
    return report


def _note(link: IssueLink, report: IssueReport, integration: Integration) -> None:
    link.state, link.phase, link.reported_at = report.state[:200], report.phase, report.at
    link.reported_status = reported_status(report, integration.status_mapping)
    # When work began is told once by some trackers; when it ended holds only while it has ended.
    link.issue_started_at = report.started_at or link.issue_started_at
    link.issue_done_at = report.done_at
