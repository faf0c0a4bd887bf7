"""HTTP for budgets."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.budgets.schemas import (
    BudgetCreate,
    BudgetRead,
    BudgetStatus,
    BudgetUpdate,
    EntryCreate,
    EntryKind,
    EntryRead,
    LineCreate,
    LineRead,
    LineUpdate,
)
from services.roadmap.budgets.service import BudgetService, EntryService, LineService

YEAR = {"name": "Product 2027", "currency": "EUR", "starts_on": "2027-01-01", "ends_on": "2027-12-31"}
GROWTH = {
    "name": "Growth",
    "planned": {"amount_minor": 12_000_000, "currency": "EUR"},
    "objective_ids": ["01983a7c-3ac4-7f0b-9e21-7c6b5a4d3e2f"],
}
DESIGNER = {
    "line_id": "01983a7c-5f1e-7d2c-8b3a-4e5f6a7b8c9d",
    "kind": "contract",
    "amount": {"amount_minor": 1_800_000, "currency": "EUR"},
    "occurred_on": "2027-02-01",
    "note": "Two months of a designer",
}

router = Router(prefix="/v1/budgets", tags=["Budgets"])
Budgets = Annotated[BudgetService, Depends(BudgetService)]
Lines = Annotated[LineService, Depends(LineService)]
Entries = Annotated[EntryService, Depends(EntryService)]


@router.post(scope="roadmap:write", example=YEAR)
async def create_budget(new: BudgetCreate, budgets: Budgets) -> Created[BudgetRead]:
    """Open a budget.

    Money for a period in one currency; its lines say for what.
    """
    return created(await budgets.create(new))


@router.get(scope="roadmap:read")
async def list_budgets(
    budgets: Budgets,
    page: Paging,
    product_id: Annotated[UUID | None, Query(description="Only budgets of this product.")] = None,
) -> Page[BudgetRead]:
    """List budgets, newest first."""
    return await budgets.search(page, product_id=product_id)


@router.get("/{budget_id}", scope="roadmap:read")
async def get_budget(budget_id: UUID, budgets: Budgets) -> BudgetRead:
    """Read a budget."""
    return BudgetRead.model_validate(await budgets.get(budget_id))


@router.patch("/{budget_id}", scope="roadmap:write", example={"ends_on": "2028-03-31"})
async def update_budget(budget_id: UUID, change: BudgetUpdate, budgets: Budgets, if_match: IfMatch) -> BudgetRead:
    """Change a budget; its currency stays."""
    return BudgetRead.model_validate(await budgets.update(budget_id, change, if_match=if_match))


@router.delete("/{budget_id}", scope="roadmap:write")
async def delete_budget(budget_id: UUID, budgets: Budgets, if_match: IfMatch) -> None:
    """Remove a budget.

    Refused with 409 while it has lines.
    """
    await budgets.delete(budget_id, if_match=if_match)


@router.get("/{budget_id}/status", scope="roadmap:read")
async def get_budget_status(budget_id: UUID, budgets: Budgets) -> BudgetStatus:
    """Read how the money stands, line by line.

    Planned, committed, spent and forecast at completion. A feature is paid for by one line of a budget: the one that
    names it, else the one that pays for its initiative, else for its objective; among equals the first line. Features
    in hand commit their cost; proposed ones count in the forecast once a roadmap holds them; what has shipped costs no
    more than was spent. If shipped features of a line cost more than estimated, the forecast takes the rest to do so
    too (EAC = AC + (BAC - EV) / CPI).

    A feature without a stated cost costs what its work packages cost at the day rates of teams. Costs in other
    currencies are converted at today's rate, which is shown; where there is none the feature counts in no figure and
    `missing_rates` says which rate it would take.
    """
    return await budgets.status(budget_id)


@router.post("/{budget_id}/lines", scope="roadmap:write", example=GROWTH)
async def create_line(budget_id: UUID, new: LineCreate, budgets: Budgets, lines: Lines) -> Created[LineRead]:
    """Add a line to a budget.

    How much it holds, and the features, initiatives and objectives that it pays for.
    """
    await budgets.get(budget_id)
    return created(await lines.create(new, budget_id=budget_id))


@router.get("/{budget_id}/lines", scope="roadmap:read")
async def list_lines(budget_id: UUID, budgets: Budgets, lines: Lines, page: Paging) -> Page[LineRead]:
    """List the lines of a budget, newest first."""
    await budgets.get(budget_id)
    return await lines.search(page, budget_id=budget_id)


@router.get("/{budget_id}/lines/{line_id}", scope="roadmap:read")
async def get_line(budget_id: UUID, line_id: UUID, lines: Lines) -> LineRead:
    """Read a line of a budget."""
    return LineRead.model_validate(await lines.get_of(budget_id, line_id))


@router.patch(
    "/{budget_id}/lines/{line_id}",
    scope="roadmap:write",
    example={"planned": {"amount_minor": 15_000_000, "currency": "EUR"}},
)
async def update_line(budget_id: UUID, line_id: UUID, change: LineUpdate, lines: Lines, if_match: IfMatch) -> LineRead:
    """Change a line of a budget."""
    await lines.get_of(budget_id, line_id)
    return LineRead.model_validate(await lines.update(line_id, change, if_match=if_match))


@router.delete("/{budget_id}/lines/{line_id}", scope="roadmap:write")
async def delete_line(budget_id: UUID, line_id: UUID, lines: Lines, if_match: IfMatch) -> None:
    """Remove a line from a budget.

    Refused with 409 once money was spent from it or promised.
    """
    await lines.get_of(budget_id, line_id)
    await lines.delete(line_id, if_match=if_match)


@router.post("/{budget_id}/entries", scope="roadmap:write", example=DESIGNER)
async def create_entry(budget_id: UUID, new: EntryCreate, budgets: Budgets, entries: Entries) -> Created[EntryRead]:
    """Book what was spent, or promised by contract.

    In the budget's currency, or in another that has a rate on the day: the entry keeps what was paid and the rate.
    A spending may name the feature that it was for, or the contract that it fulfils. Entries are not edited: an error
    is set right by an entry of the contrary amount.
    """
    await budgets.get(budget_id)
    return created(await entries.create(new, budget_id=budget_id))


@router.get("/{budget_id}/entries", scope="roadmap:read")
async def list_entries(
    budget_id: UUID,
    budgets: Budgets,
    entries: Entries,
    page: Paging,
    *,
    line_id: Annotated[UUID | None, Query(description="Only entries of this line.")] = None,
    kind: Annotated[EntryKind | None, Query(description="Only spendings, or only contracts.")] = None,
    feature_id: Annotated[UUID | None, Query(description="Only what was spent on this feature.")] = None,
) -> Page[EntryRead]:
    """List what was spent and promised, last booked first."""
    await budgets.get(budget_id)
    return await entries.search(page, budget_id=budget_id, line_id=line_id, kind=kind, feature_id=feature_id)


@router.get("/{budget_id}/entries/{entry_id}", scope="roadmap:read")
async def get_entry(budget_id: UUID, entry_id: UUID, entries: Entries) -> EntryRead:
    """Read an entry."""
    return EntryRead.model_validate(await entries.get_of(budget_id, entry_id))
