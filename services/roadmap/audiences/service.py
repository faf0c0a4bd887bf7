"""Keeps audiences, and shows each what it may see."""

from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import AlreadyExists, FieldError, NotFound, UnknownReference
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import UnitOfWork, Work
from services.roadmap.audiences.reading import PlanReader
from services.roadmap.audiences.repository import AudienceRepository
from services.roadmap.audiences.schemas import AudienceCreate, AudienceRead, AudienceUpdate, WordingEntry
from services.roadmap.domain.lenses import Lens, Wording, usual_lens
from services.roadmap.domain.redaction import project
from services.roadmap.domain.views import View
from services.roadmap.features.repository import FeatureRepository
from services.roadmap.models import Audience
from services.roadmap.roadmaps.repository import RoadmapRepository
from services.roadmap.scenarios.repository import ScenarioRepository


class AudienceService:
    """Audiences."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def audiences(self) -> AudienceRepository:
        return AudienceRepository(self.work.session)

    async def create(self, new: AudienceCreate) -> Audience:
        """Raises AlreadyExists for a name that is taken, UnknownReference for words about an unknown feature."""
        await self._require_free(new.name)
        await self._require_known(new.wordings)
        audience = Audience(**_columns(new.fields() | _usual(new)))
        await self.audiences.add(audience)
        await self._tell("audience.created", audience, version=audience.version)
        return audience

    async def get(self, audience_id: UUID) -> Audience:
        return await self.audiences.get(audience_id)

    async def search(self, page: PageQuery, *, roadmap_id: UUID | None = None) -> Page[AudienceRead]:
        """All audiences: each has a view of every roadmap; raises NotFound for a roadmap that is not there."""
        if roadmap_id is not None:
            await RoadmapRepository(self.work.session).get(roadmap_id)
        return await list_page(
            self.work,
            self.audiences.rows(),
            page,
            model=Audience,
            subject_type="audience",
            read=AudienceRead.model_validate,
            filters={"roadmap_id": roadmap_id},
        )

    async def update(self, audience_id: UUID, change: AudienceUpdate, *, if_match: Precondition) -> Audience:
        audience = await self.audiences.get(audience_id, lock=True)
        if_match.check(audience)
        changes = change.changes()
        if "name" in changes:
            await self._require_free(changes["name"], other_than=audience_id)
        await self._require_known(changes.get("wordings", []))
        for name, value in _columns(changes).items():
            setattr(audience, name, value)
        await self.work.session.flush()
        await self._tell("audience.updated", audience, version=audience.version)
        return audience

    async def delete(self, audience_id: UUID, *, if_match: Precondition) -> None:
        audience = await self.audiences.get(audience_id, lock=True)
        if_match.check(audience)
        version = audience.version
        await self.audiences.remove(audience)
        await self._tell("audience.deleted", audience, version=version + 1)

    async def view(self, roadmap_id: UUID, audience_id: UUID, *, scenario_id: UUID | None = None) -> View:
        """The roadmap, or a scenario of it, as the audience sees it."""
        audience = await self.audiences.get(audience_id)
        return await view_of(self.work, roadmap_id=roadmap_id, audience=audience, scenario_id=scenario_id)

    async def _require_free(self, name: str, *, other_than: UUID | None = None) -> None:
        if await self.audiences.is_named(name, other_than=other_than):
            raise AlreadyExists(errors=[FieldError("/name", "Another audience has this name.", "taken")])

    async def _require_known(self, wordings: list[WordingEntry]) -> None:
        ids = {each.feature_id for each in wordings}
        known = await FeatureRepository(self.work.session).titles(ids) if ids else {}
        faults = [
            FieldError(f"/wordings/{place}/feature_id", f"There is no feature {each.feature_id}.", "unknown")
            for place, each in enumerate(wordings)
            if each.feature_id not in known
        ]
        if faults:
            raise UnknownReference(errors=faults)

    async def _tell(self, kind: str, audience: Audience, *, version: int) -> None:
        data = {"kind": audience.kind, "date_precision": audience.date_precision, "commitment": audience.commitment}
        await self.work.events.append(kind, subject_type="audience", subject_id=audience.id, version=version, data=data)


async def view_of(work: UnitOfWork, *, roadmap_id: UUID, audience: Audience, scenario_id: UUID | None = None) -> View:
    """The one way from a roadmap to what anybody outside of the plan sees of it.

    Raises NotFound also for a scenario of another roadmap.
    """
    roadmap = await RoadmapRepository(work.session).get(roadmap_id)
    scenario = await ScenarioRepository(work.session).get(scenario_id) if scenario_id else None
    if scenario is not None and scenario.roadmap_id != roadmap_id:
        raise NotFound(f"The roadmap has no scenario {scenario_id}.")
    return project(await PlanReader(work).plan_of(roadmap, scenario), lens_of(audience))


def lens_of(audience: Audience) -> Lens:
    """The audience's row as the domain sees it."""
    return Lens(
        name=audience.name,
        kind=audience.kind,
        shows=frozenset(audience.shows),
        precision=audience.date_precision,
        dated_days=audience.dated_days,
        commitment=audience.commitment,
        is_worded_only=audience.is_worded_only,
        notice=audience.notice,
        headings=audience.headings,
        wordings={
            each["feature_id"]: Wording(each["title"], each["description"], each["is_hidden"])
            for each in audience.wordings
        },
        salt=str(audience.id),
    )


def _usual(new: AudienceCreate) -> dict[str, Any]:
    """What the caller left open, as is usual for the kind."""
    usual = usual_lens(new.kind)
    sent = new.model_fields_set
    fields: dict[str, Any] = {
        "shows": sorted(usual.shows) if new.shows is None else new.shows,
        "date_precision": new.date_precision or usual.precision,
        "dated_days": new.dated_days if "dated_days" in sent else usual.dated_days,
        "commitment": new.commitment or usual.commitment,
        "notice": usual.notice if new.notice is None else new.notice,
    }
    return fields


def _columns(fields: dict[str, Any]) -> dict[str, Any]:
    made = dict(fields)
    if "shows" in made:
        made["shows"] = sorted(set(made["shows"]))
    if "headings" in made:
        made["headings"] = made["headings"].given()
    if "wordings" in made:
        # The last word about a feature counts.
        made["wordings"] = list(
            {str(each.feature_id): each.model_dump(mode="json") for each in made["wordings"]}.values()
        )
    return made
