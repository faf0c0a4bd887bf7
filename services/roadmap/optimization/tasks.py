"""Solves in a child process, then keeps proposal, event and the operation's end in one transaction."""

from uuid import UUID

from services.chassis.child import run_in_child
from services.chassis.identity import system_principal
from services.chassis.operations import OperationKinds, OperationRun
from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.models import Proposal
from services.roadmap.optimization.repository import OptimizationRepository, ProposalRepository
from services.roadmap.optimization.service import SELECT

kinds = OperationKinds()


@kinds.kind(SELECT)
async def solve_selection(run: OperationRun) -> None:
    """Cancelling kills the child; a kill of this process before the commit lets the job run again."""
    optimization_id = UUID(run.payload["optimization_id"])
    async with run.transaction() as session:
        optimization = await OptimizationRepository(session).get(optimization_id)
    question = {
        "problem": optimization.problem,
        "seed": optimization.request["seed"],
        "time_limit_s": optimization.request["time_limit_s"],
    }
    await run.progress(0.1, "Solving")
    answer = await run_in_child("services.roadmap.optimization.solving:solve", question)
    principal = system_principal("roadmap", workspace_id=run.workspace_id)
    work = UnitOfWork(run.context, principal)
    try:
        now = work.clock.now()
        proposal = Proposal(id=optimization_id, status=answer["status"], answer=answer, created_at=now)
        await ProposalRepository(work.session).add(proposal)
        facts = {name: answer[name] for name in ("status", "objective", "bound", "gap", "chosen")}
        await work.events.append(
            "optimization.finished",
            subject_type="optimization",
            subject_id=optimization_id,
            version=2,
            data=facts | {"roadmap_id": optimization.roadmap_id},
        )
        await run.succeed(work.session, {"optimization_id": str(optimization_id), "status": answer["status"]})
        await work.audit.write()
        await work.session.commit()
    finally:
        await work.close()
