"""Asks how promises were kept, proposes what follows for estimates, and does what people decide."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast
from uuid import UUID

from services.chassis.errors import Conflict, FieldError, Invalid, UnknownReference
from services.chassis.unit_of_work import Work
from services.requirements.backlog.repository import RequirementRepository
from services.requirements.backlog.service import tell
from services.requirements.clients.context import RequirementsContext
from services.requirements.clients.metrics import SeenCalibration
from services.requirements.domain.calibrating import PROMISES, ProposalState, corrected
from services.requirements.domain.scoring import Range
from services.requirements.models import CalibrationProposal, Prioritization, RankedRequirement, Requirement
from services.requirements.prioritization.questions import PrioritizationCreate
from services.requirements.prioritization.reckoning import Reckoned, reading, reckon
from services.requirements.prioritization.repository import PrioritizationRepository
from services.requirements.prioritization.service import PrioritizationService
from services.requirements.proposals.repository import ProposalRepository
from services.requirements.proposals.schemas import CalibrationProposalCreate


class NothingMeasured(Conflict):
    code, title = "nothing_measured", "No promise has been measured yet"


class AlreadyDecided(Conflict):
    code, title = "already_decided", "Somebody has decided on this proposal already"


class EstimateChanged(Conflict):
    code, title = "estimate_changed", "Somebody has estimated anew since this was proposed"


class ProposalService:
    """Calibration proposals and what comes of them."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def proposals(self) -> ProposalRepository:
        return ProposalRepository(self.work.session)

    @property
    def rankings(self) -> PrioritizationRepository:
        return PrioritizationRepository(self.work.session)

    async def create(self, new: CalibrationProposalCreate) -> CalibrationProposal:
        """Raises NothingMeasured, UnknownReference, Invalid, NeighbourDown."""
        metrics = cast("RequirementsContext", self.work.context).metrics
        calibration = await metrics.calibration(workspace_id=self.work.principal.workspace)
        if calibration is None or calibration.count == 0:
            raise NothingMeasured
        ranking = await self._ranking(new.prioritization_id)
        lines = await self.rankings.lines(ranking.id)
        proposal = await self.proposals.add(_proposal(ranking, lines, calibration))
        await self._tell("calibration_proposal.created", proposal)
        return proposal

    async def accept(self, proposal_id: UUID) -> CalibrationProposal:
        """Sets the estimates, and ranks anew as the earlier ranking was made.

        Raises NotFound, AlreadyDecided, and EstimateChanged for what was proposed of another estimate than today's.
        """
        async with reading(self.work) as session:
            seen = _undecided(await ProposalRepository(session).get(proposal_id))
            earlier = await PrioritizationRepository(session).get(seen.earlier_id)
            read = await RequirementRepository(session).by_ids(_changes(seen))
        if not read:
            raise EstimateChanged("None of the requirements is there any more.")
        again = _again(earlier, sorted(read))
        changed = {key: {seen.input: each["proposed"]} for key, each in _changes(seen).items()}
        reckoned = await reckon(self.work, again, changed=changed)
        proposal = _undecided(await self.proposals.get(proposal_id, lock=True))
        requirements = await self._unchanged(proposal, reckoned)
        for requirement in requirements:
            requirement.estimates = requirement.estimates | changed[requirement.id]
            await tell(self.work, "requirement.updated", requirement)
        made = await PrioritizationService(self.work).keep(again, reckoned.of(requirements))
        proposal.prioritization_id = made.id
        return await self._decide(proposal, ProposalState.ACCEPTED)

    async def _unchanged(self, proposal: CalibrationProposal, reckoned: Reckoned) -> Sequence[Requirement]:
        """The ranked requirements, locked, when they are what was proposed of and what was ranked."""
        changes, known = _changes(proposal), reckoned.gathered.known
        rows = await RequirementRepository(self.work.session).locked(changes)
        for each in rows:
            was_ranked = str(each.id) in known and known[str(each.id)].requirement.version == each.version
            if not was_ranked or each.estimates.get(proposal.input) != changes[each.id]["current"]:
                raise EstimateChanged(f"Propose again: “{each.title}” was changed since.")
        return rows

    async def dismiss(self, proposal_id: UUID, *, reason: str) -> CalibrationProposal:
        """Keeps the reason. Raises NotFound, AlreadyDecided."""
        proposal = _undecided(await self.proposals.get(proposal_id, lock=True))
        proposal.reason = reason
        return await self._decide(proposal, ProposalState.DISMISSED)

    async def _ranking(self, prioritization_id: UUID) -> Prioritization:
        ranking = await self.rankings.find(prioritization_id)
        if ranking is None:
            unknown = FieldError("/prioritization_id", f"There is no prioritization {prioritization_id}.", "unknown")
            raise UnknownReference(errors=[unknown])
        if ranking.method not in PROMISES:
            fault = f"The method {ranking.method} holds no promise that a measurement could correct."
            raise Invalid(errors=[FieldError("/prioritization_id", fault, "method")])
        return ranking

    async def _decide(self, proposal: CalibrationProposal, state: ProposalState) -> CalibrationProposal:
        proposal.state, proposal.decided_by = state, self.work.principal.id
        await self.work.session.flush()
        await self._tell(f"calibration_proposal.{state}", proposal)
        return proposal

    async def _tell(self, kind: str, proposal: CalibrationProposal) -> None:
        await self.work.events.append(
            kind,
            subject_type="calibration_proposal",
            subject_id=proposal.id,
            version=proposal.version,
            data=proposal_facts(proposal),
        )


def _undecided(proposal: CalibrationProposal) -> CalibrationProposal:
    if proposal.state != ProposalState.OPEN:
        raise AlreadyDecided(f"It was {proposal.state} by {proposal.decided_by}.")
    return proposal


def _changes(proposal: CalibrationProposal) -> dict[UUID, Mapping[str, Any]]:
    return {UUID(each["requirement_id"]): each for each in proposal.changes}


def proposal_facts(proposal: CalibrationProposal) -> dict[str, Any]:
    """What the feed tells of a proposal."""
    names = ("state", "input", "factor", "promises", "earlier_id", "prioritization_id")
    return {name: getattr(proposal, name) for name in names}


def _proposal(
    ranking: Prioritization, lines: Sequence[RankedRequirement], calibration: SeenCalibration
) -> CalibrationProposal:
    name = PROMISES[ranking.method]
    changes = [
        {
            "requirement_id": str(line.requirement_id),
            "title": line.title,
            "current": line.estimates[name],
            "proposed": asdict(
                corrected(Range(**line.estimates[name]), factor=calibration.factor, method=ranking.method)
            ),
        }
        for line in lines
        if name in line.estimates
    ]
    return CalibrationProposal(
        state=ProposalState.OPEN,
        input=name,
        factor=calibration.factor,
        promises=calibration.count,
        realised=calibration.realised,
        hit_rate=calibration.hit_rate,
        outcome_ids=calibration.outcome_ids,
        earlier_id=ranking.id,
        changes=changes,
    )


def _again(earlier: Prioritization, requirement_ids: Sequence[UUID]) -> PrioritizationCreate:
    """The same ranking, on the estimates of now."""
    return PrioritizationCreate(
        name=f"{earlier.name[:180]}, calibrated",
        method=earlier.method,
        requirement_ids=list(requirement_ids),
        estimates_from=earlier.parameters.get("estimates_from", "agreed"),
        top=earlier.top,
        seed=earlier.seed,
    )
