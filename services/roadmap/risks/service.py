"""Keeps the register of risks."""

from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.roadmap.domain.risks import RiskStatus
from services.roadmap.models import Risk
from services.roadmap.references.service import require_references
from services.roadmap.risks.repository import RiskRepository
from services.roadmap.risks.schemas import RiskCreate, RiskRead, RiskUpdate


class RiskService:
    """Risks to features, releases and teams' work."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def risks(self) -> RiskRepository:
        return RiskRepository(self.work.session)

    async def create(self, new: RiskCreate) -> Risk:
        """Raises UnknownReference for what is not there."""
        fields = new.fields()
        await require_references(self.work, fields)
        risk = await self.risks.add(Risk(**fields, status="open"))
        await self._tell("risk.created", risk)
        return risk

    async def get(self, risk_id: UUID) -> Risk:
        return await self.risks.get(risk_id)

    async def search(self, page: PageQuery, *, status: RiskStatus | None, **linked: UUID | None) -> Page[RiskRead]:
        return await list_page(
            self.work,
            self.risks.matching(status=status, **linked),
            page,
            model=Risk,
            subject_type="risk",
            read=RiskRead.model_validate,
            filters={"status": status, **linked},
        )

    async def update(self, risk_id: UUID, change: RiskUpdate, *, if_match: Precondition) -> Risk:
        risk = await self.risks.get(risk_id, lock=True)
        if_match.check(risk)
        changes = change.changes()
        await require_references(self.work, changes)
        before = risk.status
        for name, value in changes.items():
            setattr(risk, name, value)
        await self._tell("risk.updated" if risk.status == before else f"risk.{risk.status}", risk)
        return risk

    async def delete(self, risk_id: UUID, *, if_match: Precondition) -> None:
        risk = await self.risks.get(risk_id, lock=True)
        if_match.check(risk)
        version = risk.version
        await self.risks.remove(risk)
        await self.work.events.append("risk.deleted", subject_type="risk", subject_id=risk_id, version=version + 1)

    async def _tell(self, kind: str, risk: Risk) -> None:
        await self.work.session.flush()
        names = ("team_id", "feature_id", "release_id", "probability", "impact_days", "status", "review_on")
        data = {name: getattr(risk, name) for name in names}
        await self.work.events.append(kind, subject_type="risk", subject_id=risk.id, version=risk.version, data=data)
