"""Keeps release templates."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import AlreadyExists, FieldError, UnknownReference
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.roadmap.domain.launches import USUAL_LAUNCH
from services.roadmap.models import ReleaseTemplate
from services.roadmap.release_templates.repository import ReleaseTemplateRepository
from services.roadmap.release_templates.schemas import (
    ReleaseTemplateCreate,
    ReleaseTemplateRead,
    ReleaseTemplateUpdate,
    TemplatePackage,
)
from services.roadmap.teams.repository import TeamRepository


class ReleaseTemplateService:
    """Templates that releases are made from."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def templates(self) -> ReleaseTemplateRepository:
        return ReleaseTemplateRepository(self.work.session)

    async def create(self, new: ReleaseTemplateCreate) -> ReleaseTemplate:
        """Raises AlreadyExists for a name that is taken, UnknownReference for a team that is not there."""
        await self._require_free(new.name)
        packages = new.work_packages or [TemplatePackage.model_validate(asdict(each)) for each in USUAL_LAUNCH]
        template = ReleaseTemplate(
            name=new.name, description=new.description, work_packages=await self._plain(packages)
        )
        await self.templates.add(template)
        await self._tell("release_template.created", template)
        return template

    async def get(self, template_id: UUID) -> ReleaseTemplate:
        return await self.templates.get(template_id)

    async def search(self, page: PageQuery) -> Page[ReleaseTemplateRead]:
        return await list_page(
            self.work,
            self.templates.rows(),
            page,
            model=ReleaseTemplate,
            subject_type="release_template",
            read=ReleaseTemplateRead.model_validate,
        )

    async def update(
        self, template_id: UUID, change: ReleaseTemplateUpdate, *, if_match: Precondition
    ) -> ReleaseTemplate:
        template = await self.templates.get(template_id, lock=True)
        if_match.check(template)
        changes = change.changes()
        if "name" in changes:
            await self._require_free(changes["name"], other_than=template_id)
        if "work_packages" in changes:
            changes["work_packages"] = await self._plain(changes["work_packages"])
        for name, value in changes.items():
            setattr(template, name, value)
        await self._tell("release_template.updated", template)
        return template

    async def delete(self, template_id: UUID, *, if_match: Precondition) -> None:
        template = await self.templates.get(template_id, lock=True)
        if_match.check(template)
        version = template.version
        await self.templates.remove(template)
        await self.work.events.append(
            "release_template.deleted", subject_type="release_template", subject_id=template_id, version=version + 1
        )

    async def _plain(self, packages: list[TemplatePackage]) -> list[dict[str, Any]]:
        known = await TeamRepository(self.work.session).by_ids({each.team_id for each in packages if each.team_id})
        faults = [
            FieldError(f"/work_packages/{position}/team_id", f"There is no team {each.team_id}.", "unknown")
            for position, each in enumerate(packages)
            if each.team_id is not None and each.team_id not in known
        ]
        if faults:
            raise UnknownReference(errors=faults)
        return [each.model_dump(mode="json") for each in packages]

    async def _require_free(self, name: str, *, other_than: UUID | None = None) -> None:
        if await self.templates.is_named(name, other_than=other_than):
            raise AlreadyExists(errors=[FieldError("/name", "Another template has this name.", "taken")])

    async def _tell(self, kind: str, template: ReleaseTemplate) -> None:
        await self.work.session.flush()
        functions = sorted({each["function"] for each in template.work_packages})
        await self.work.events.append(
            kind,
            subject_type="release_template",
            subject_id=template.id,
            version=template.version,
            data={"work_packages": len(template.work_packages), "functions": functions},
        )
