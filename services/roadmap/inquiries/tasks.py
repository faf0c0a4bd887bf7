"""Answers inquiries in a child process, and keeps the answer and the operation's end in one transaction."""

from uuid import UUID

from services.chassis.child import run_in_child
from services.chassis.identity import system_principal
from services.chassis.operations import OperationKinds, OperationRun
from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.inquiries.repository import InquiryAnswerRepository, InquiryRepository
from services.roadmap.inquiries.service import KIND
from services.roadmap.models import InquiryAnswer
from services.roadmap.optimization.repository import OptimizationRepository, ProposalRepository

kinds = OperationKinds()


@kinds.kind(KIND)
async def answer_inquiry(run: OperationRun) -> None:
    """Cancelling kills the child; a kill of this process before the commit lets the job run again."""
    async with run.transaction() as session:
        inquiry = await InquiryRepository(session).get(UUID(run.payload["inquiry_id"]))
        optimization = await OptimizationRepository(session).get(inquiry.optimization_id)
        proposal = await ProposalRepository(session).get(inquiry.optimization_id)
    question = {
        "kind": inquiry.kind,
        "request": inquiry.request,
        "optimization": optimization.kind,
        "problem": optimization.problem,
        "seed": optimization.request["seed"],
        **{name: proposal.answer[name] for name in ("chosen", "schedule", "bound")},
    }
    answer = await run_in_child("services.roadmap.inquiries.answering:answer", question)
    principal = system_principal("roadmap", workspace_id=run.workspace_id)
    async with run.transaction() as session:
        work = UnitOfWork(run.context, principal, session=session)
        kept = InquiryAnswer(id=inquiry.id, answer=answer, created_at=work.clock.now())
        await InquiryAnswerRepository(session).add(kept)
        await work.events.append(
            "inquiry.finished",
            subject_type="inquiry",
            subject_id=inquiry.id,
            version=2,
            data={"optimization_id": inquiry.optimization_id, "kind": inquiry.kind},
        )
        await run.succeed(session, {"inquiry_id": str(inquiry.id)})
        await work.audit.write()
