"""Asks more of a finished optimisation, and keeps the answers."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from services.chassis.errors import Conflict, FieldError, NotFound, UnknownReference
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Body, Page
from services.chassis.unit_of_work import Work
from services.roadmap.domain.inquiries.changes import Change, ChangeRefused, Freed, schedule_with, selection_with
from services.roadmap.domain.selection.problem import SelectionProblem
from services.roadmap.inquiries.changing import changes_of
from services.roadmap.inquiries.repository import InquiryAnswerRepository, InquiryRepository
from services.roadmap.inquiries.schemas import (
    ExplainCreate,
    FrontierCreate,
    InquiryRead,
    InquiryStarted,
    WhatIfCreate,
)
from services.roadmap.models import Inquiry, InquiryAnswer, Optimization, Proposal
from services.roadmap.optimization.record import read_problem
from services.roadmap.optimization.repository import OptimizationRepository, ProposalRepository

KIND = "optimization.inquire"


class NothingToAskOf(Conflict):
    code, title = "nothing_to_ask_of", "The optimisation has no plan that could be asked about"


class OnlyOfSelections(Conflict):
    code, title = "only_of_selections", "Only a selection has a frontier"


async def planned(work: Work, optimization_id: UUID) -> tuple[Optimization, Proposal]:
    """An optimisation with its plan; raises NothingToAskOf when it has none."""
    optimization = await OptimizationRepository(work.session).get(optimization_id)
    proposal = await ProposalRepository(work.session).find(optimization_id)
    if proposal is None or proposal.status not in {"optimal", "feasible"}:
        raise NothingToAskOf("It has not finished, or found no plan.")
    return optimization, proposal


class InquiryService:
    """Inquiries about optimisations."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def inquiries(self) -> InquiryRepository:
        return InquiryRepository(self.work.session)

    async def what_if(self, optimization_id: UUID, new: WhatIfCreate) -> InquiryStarted:
        """Raises UnknownReference for a change that the question does not know."""
        optimization, _ = await planned(self.work, optimization_id)
        written = new.model_dump(mode="json")["changes"]
        first = date.fromisoformat(optimization.problem["first"]) if optimization.kind == "schedule" else None
        changes = [changes_of(each, first=first) for each in written]
        _require_known(optimization, changes, pointer="/changes")
        return await self._start("what_if", optimization, new)

    async def frontier(self, optimization_id: UUID, new: FrontierCreate) -> InquiryStarted:
        """Raises OnlyOfSelections for a schedule, UnknownReference for a budget that the question has not."""
        optimization, _ = await planned(self.work, optimization_id)
        if optimization.kind != "select":
            raise OnlyOfSelections("Ask what to build with the same budgets, and take its frontier.")
        if new.budget not in {each["name"] for each in optimization.problem["budgets"]}:
            detail = f"The question has no budget of {new.budget}."
            raise UnknownReference(errors=[FieldError("/budget", detail, "unknown")])
        return await self._start("frontier", optimization, new)

    async def explain(self, optimization_id: UUID, new: ExplainCreate) -> InquiryStarted:
        """Raises UnknownReference for a feature that was not considered."""
        optimization, _ = await planned(self.work, optimization_id)
        named: list[list[Change]] = [[Freed(str(feature_id))] for feature_id in new.feature_ids]
        _require_known(optimization, named, pointer="/feature_ids")
        return await self._start("explain", optimization, new)

    async def get(self, optimization_id: UUID, inquiry_id: UUID) -> InquiryRead:
        inquiry = await self.inquiries.get(inquiry_id)
        if inquiry.optimization_id != optimization_id:
            raise NotFound(f"There is no inquiry {inquiry_id} about this optimisation.")
        return (await self._shown([inquiry]))[0]

    async def search(self, optimization_id: UUID, page: PageQuery) -> Page[InquiryRead]:
        await OptimizationRepository(self.work.session).get(optimization_id)
        found: Page[Any] = await list_page(
            self.work,
            self.inquiries.rows().where(Inquiry.optimization_id == optimization_id),
            page,
            model=Inquiry,
            subject_type="inquiry",
            read=lambda row: row,
            filters={"optimization_id": optimization_id},
        )
        return found.model_copy(update={"items": await self._shown(found.items)})

    async def _start(self, kind: str, optimization: Optimization, new: Body) -> InquiryStarted:
        inquiry_id = self.work.ids()
        operation = await self.work.operations.start(KIND, {"inquiry_id": str(inquiry_id)})
        inquiry = Inquiry(
            id=inquiry_id,
            optimization_id=optimization.id,
            operation_id=operation.id,
            kind=kind,
            request=new.model_dump(mode="json"),
            created_by=self.work.principal.id,
            created_at=self.work.clock.now(),
        )
        await self.inquiries.add(inquiry)
        await self.work.events.append(
            "inquiry.requested",
            subject_type="inquiry",
            subject_id=inquiry_id,
            version=1,
            data={"optimization_id": optimization.id, "kind": kind, "operation_id": operation.id},
        )
        return InquiryStarted(**operation.model_dump(), inquiry_id=inquiry_id)

    async def _shown(self, inquiries: Sequence[Inquiry]) -> list[InquiryRead]:
        states = await self.inquiries.states(inquiries)
        answers = await InquiryAnswerRepository(self.work.session).by_ids(each.id for each in inquiries)
        return [_read(each, answers.get(each.id), states.get(each.operation_id)) for each in inquiries]


def _require_known(optimization: Optimization, changes: Sequence[Sequence[Change]], *, pointer: str) -> None:
    """Tries each change on the question, so that the caller hears at once what it does not know."""
    faults = []
    for position, change in enumerate(changes):
        try:
            if optimization.kind == "select":
                selection_with(msgspec.convert(optimization.problem, SelectionProblem), change)
            else:
                schedule_with(read_problem(optimization.problem["problem"]), change)
        except ChangeRefused as refused:
            faults.append(FieldError(f"{pointer}/{position}", f"{refused}.", "unknown"))
    if faults:
        raise UnknownReference(errors=faults)


def _read(inquiry: Inquiry, answer: InquiryAnswer | None, state: str | None) -> InquiryRead:
    # Operations are forgotten after a while; answers are not.
    state = "succeeded" if answer else state or "failed"
    fields: dict[str, Any] = {
        "id": inquiry.id,
        "etag": f'"{state}"',
        "created_at": inquiry.created_at,
        "updated_at": answer.created_at if answer else inquiry.created_at,
        "kind": inquiry.kind,
        "state": state,
        "optimization_id": inquiry.optimization_id,
        "operation_id": inquiry.operation_id,
        "request": inquiry.request,
        "answer": answer.answer if answer else None,
        "created_by": inquiry.created_by,
    }
    return InquiryRead.model_validate(fields)
