"""Reads what is known, and has it ranked in a child process: no transaction waits for the computing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast
from uuid import UUID

from services.chassis.unit_of_work import UnitOfWork
from services.requirements.clients.context import RequirementsContext
from services.requirements.domain.comparing import Kept, Move
from services.requirements.domain.drivers import Driver
from services.requirements.domain.prioritizing import Ranking, Task
from services.requirements.domain.scoring import Candidate, Method
from services.requirements.models import Requirement
from services.requirements.prioritization.gathering import Gathered, gather, resolve
from services.requirements.prioritization.questions import PrioritizationCreate

RANK = "services.requirements.domain.prioritizing:rank_tasks"
COMPARE = "services.requirements.domain.comparing:compare_kept"


@dataclass(frozen=True)
class Reckoned:
    """A ranking with everything that it was made from."""

    gathered: Gathered
    method: Method
    drivers: Sequence[Driver]
    candidates: Mapping[str, Candidate]
    ranking: Ranking

    def of(self, requirements: Iterable[Requirement]) -> "Reckoned":
        """The same, of these requirements as they are now."""
        known = dict(self.gathered.known)
        for each in requirements:
            known[str(each.id)] = replace(known[str(each.id)], requirement=each)
        return replace(self, gathered=replace(self.gathered, known=known))


async def reckon(
    work: UnitOfWork, new: PrioritizationCreate, *, changed: Mapping[UUID, Mapping[str, Any]] | None = None
) -> Reckoned:
    """The ranking, with `changed` estimates by requirement as if they had been made.

    Raises UnknownReference, NothingToRank, and Invalid for a named requirement without its estimates.
    """
    async with reading(work) as session:
        gathered = await gather(session, new, [new.method], changed=changed or {})
    method, drivers, candidates = resolve(new.method, new.drivers, gathered)
    (ranking,) = await rank_elsewhere(work, [Task(candidates, new.method, drivers, new.seed, new.top)])
    return Reckoned(gathered, method, drivers, candidates, ranking)


def reading(work: UnitOfWork) -> Any:
    """A session of its own, that ends before the computing begins."""
    return work.context.database.session(workspace_id=work.principal.workspace, read_only=True)


async def rank_elsewhere(work: UnitOfWork, tasks: Sequence[Task]) -> list[Ranking]:
    """Raises ChildDied."""
    rankings: list[Ranking] = await cast("RequirementsContext", work.context).ranker.call(RANK, list(tasks))
    return rankings


async def compare_elsewhere(work: UnitOfWork, kept: Kept, earlier: Kept) -> list[Move]:
    """Raises ChildDied."""
    moves: list[Move] = await cast("RequirementsContext", work.context).ranker.call(COMPARE, (kept, earlier))
    return moves
