"""Records why the roadmap changed, and what the change rests on."""

from uuid import UUID

from services.chassis.errors import Conflict, FieldError, Invalid, UnknownReference
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.roadmap.copies.service import CopyService
from services.roadmap.decisions.repository import OWN, DecisionRepository
from services.roadmap.decisions.schemas import Cite, DecisionCreate, DecisionRead
from services.roadmap.domain.grounds import UngroundedDecision, require_grounds
from services.roadmap.models import Citation, Decision


class Ungrounded(Invalid):
    code, title = "ungrounded_decision", "The decision rests on nothing"


class AlreadySuperseded(Conflict):
    code, title = "already_superseded", "Another decision has replaced this one"


class DecisionService:
    """Decisions are kept as they were taken: who thinks again takes another, which supersedes the first."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.copies = CopyService(work)

    @property
    def decisions(self) -> DecisionRepository:
        return DecisionRepository(self.work.session)

    async def record(self, new: DecisionCreate) -> Decision:
        """Raises Ungrounded, UnknownReference, AlreadySuperseded."""
        try:
            require_grounds(cites=new.cites, alternatives=new.alternatives)
        except UngroundedDecision as lacking:
            raise Ungrounded(str(lacking)) from None
        await self._require_known(new.cites)
        decision = Decision(
            title=new.title,
            rationale=new.rationale,
            alternatives=[each.model_dump() for each in new.alternatives],
            decided_by=self.work.principal.id,
            decided_at=new.decided_at or self.work.clock.now(),
            supersedes_id=new.supersedes_id,
            cites=[Citation(kind=kind, cited_id=each) for each, kind in {c.id: c.kind for c in new.cites}.items()],
        )
        decision.id = self.work.ids()
        if new.supersedes_id is not None:
            await self._supersede(new.supersedes_id, decision.id)
        await self.decisions.add(decision)
        await self._tell("decision.recorded", decision)
        return decision

    async def get(self, decision_id: UUID) -> Decision:
        return await self.decisions.get(decision_id)

    async def require(self, decision_id: UUID | None) -> None:
        """Raises UnknownReference unless the decision exists; nothing named is fine."""
        if decision_id is not None and await self.decisions.find(decision_id) is None:
            raise UnknownReference(
                errors=[FieldError("/decision_id", f"There is no decision {decision_id}.", "unknown")]
            )

    async def search(self, page: PageQuery, *, cites: UUID | None) -> Page[DecisionRead]:
        return await list_page(
            self.work,
            self.decisions.citing(cites),
            page,
            model=Decision,
            subject_type="decision",
            read=DecisionRead.model_validate,
            filters={"cites": cites},
        )

    async def _supersede(self, decision_id: UUID, by: UUID) -> None:
        former = await self.decisions.find(decision_id, lock=True)
        if former is None:
            faults = [FieldError("/supersedes_id", f"There is no decision {decision_id}.", "unknown")]
            raise UnknownReference(errors=faults)
        if former.superseded_by_id is not None:
            raise AlreadySuperseded(f"Decision {former.superseded_by_id} has replaced it: supersede that one.")
        former.superseded_by_id = by
        await self._tell("decision.superseded", former)

    async def _require_known(self, cites: list[Cite]) -> None:
        named = {f"/cites/{position}/id": cite for position, cite in enumerate(cites)}

        def of(kind: str) -> dict[str, UUID]:
            return {pointer: cite.id for pointer, cite in named.items() if cite.kind == kind}

        await self.copies.require(
            requirements=of("requirement"), kpis=of("kpi"), themes=of("theme"), targets=of("target")
        )
        faults = []
        for kind in OWN:
            ids = of(kind)
            known = await self.decisions.known(kind, ids.values()) if ids else set()
            faults += [
                FieldError(pointer, f"There is no {kind} {each}.", "unknown")
                for pointer, each in ids.items()
                if each not in known
            ]
        if faults:
            raise UnknownReference(errors=faults)

    async def _tell(self, kind: str, decision: Decision) -> None:
        await self.work.session.flush()
        await self.work.events.append(
            kind,
            subject_type="decision",
            subject_id=decision.id,
            version=decision.version,
            data={
                "decided_at": decision.decided_at,
                "cites": [{"kind": each.kind, "id": each.cited_id} for each in decision.cites],
                "supersedes_id": decision.supersedes_id,
                "superseded_by_id": decision.superseded_by_id,
            },
        )
