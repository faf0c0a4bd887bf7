"""Solves in a child process, then keeps proposal, event and the operation's end in one transaction."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from services.chassis.child import run_in_child
from services.chassis.identity import system_principal
from services.chassis.operations import OperationKinds, OperationRun
from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.models import Incumbent, Optimization, Proposal
from services.roadmap.optimization.repository import IncumbentRepository, OptimizationRepository, ProposalRepository
from services.roadmap.optimization.service import KINDS

BETWEEN_INCUMBENTS = timedelta(seconds=1)

kinds = OperationKinds()


@kinds.kind(KINDS["select"])
async def solve_selection(run: OperationRun) -> None:
    """Cancelling kills the child; a kill of this process before the commit lets the job run again."""
    optimization = await _asked(run)
    await run.progress(0.1, "Solving")
    question = {"problem": optimization.problem, **_limits(optimization)}
    answer = await run_in_child("services.roadmap.optimization.solving:solve", question)
    await _keep(run, optimization, answer)


@kinds.kind(KINDS["schedule"])
async def solve_schedule(run: OperationRun) -> None:
    """As a selection; each better plan is kept as it is found, so that none is lost with the child."""
    optimization = await _asked(run)
    notebook = _Notebook(run, optimization.id)
    await notebook.open()
    await run.progress(0.1, "Solving")
    question = {**optimization.problem, **_limits(optimization)}
    child = "services.roadmap.optimization.scheduling:solve"
    answer = await run_in_child(child, question, on_progress=notebook.note)
    await _keep(run, optimization, answer)


class _Notebook:
    """Keeps the first incumbent at once, and later ones at most once a second."""

    def __init__(self, run: OperationRun, optimization_id: UUID) -> None:
        self._run, self._optimization_id = run, optimization_id
        self._number = 0
        self._last = run.context.clock.now() - BETWEEN_INCUMBENTS

    async def open(self) -> None:
        """A run that takes up a killed one's work counts on from what that had found."""
        async with self._run.transaction() as session:
            self._number = len(await IncumbentRepository(session).of(self._optimization_id))

    async def note(self, found: dict[str, Any]) -> None:
        now = self._run.context.clock.now()
        if now - self._last < BETWEEN_INCUMBENTS:
            return
        self._number, self._last = self._number + 1, now
        async with self._run.transaction() as session:
            await IncumbentRepository(session).add(
                Incumbent(optimization_id=self._optimization_id, number=self._number, found_at=now, **found)
            )
        await self._run.progress(0.5, f"Plan {self._number} is worth {found['objective']:g}")


async def _asked(run: OperationRun) -> Optimization:
    async with run.transaction() as session:
        return await OptimizationRepository(session).get(UUID(run.payload["optimization_id"]))


def _limits(optimization: Optimization) -> dict[str, Any]:
    return {name: optimization.request[name] for name in ("seed", "time_limit_s")}


async def _keep(run: OperationRun, optimization: Optimization, answer: dict[str, Any]) -> None:
    principal = system_principal("roadmap", workspace_id=run.workspace_id)
    async with run.transaction() as session:
        work = UnitOfWork(run.context, principal, session=session)
        now = work.clock.now()
        proposal = Proposal(id=optimization.id, status=answer["status"], answer=answer, created_at=now)
        await ProposalRepository(session).add(proposal)
        facts = {name: answer[name] for name in ("status", "objective", "bound", "gap", "chosen")}
        await work.events.append(
            "optimization.finished",
            subject_type="optimization",
            subject_id=optimization.id,
            version=2,
            data=facts | {"roadmap_id": optimization.roadmap_id},
        )
        await run.succeed(session, {"optimization_id": str(optimization.id), "status": answer["status"]})
        await work.audit.write()
