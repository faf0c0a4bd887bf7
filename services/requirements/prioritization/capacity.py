"""Whether what is ranked fits into what the roadmap says is free; asked over HTTP, between two transactions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from services.chassis.errors import BadGateway, FieldError, Invalid
from services.chassis.http_client import NeighbourDown
from services.chassis.unit_of_work import UnitOfWork
from services.requirements.clients.context import RequirementsContext
from services.requirements.prioritization.gathering import Known
from services.requirements.prioritization.questions import CapacityQuestion
from services.requirements.prioritization.reckoning import Reckoned

MOST_NEEDS = 50
"""So many the roadmap takes at once: what is ranked further down is not asked for."""


@dataclass(frozen=True)
class Capacity:
    """What was asked and answered; `short` has, by requirement, the days that are missing of each of its skills."""

    question: Mapping[str, Any] | None = None
    state: str | None = None
    short: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def told_of(self, key: str) -> dict[str, Any]:
        """What a line of the ranking says."""
        short = self.short.get(key)
        missing = None if short is None else {skill: days for skill, days in short.items() if days > 0}
        return {"fits_capacity": None if missing is None else not missing, "missing_days": missing}


async def ask_capacity(work: UnitOfWork, question: CapacityQuestion | None, reckoned: Reckoned) -> Capacity:
    """Best first, so that what stands above has taken its days already. Raises Invalid for what the roadmap refuses."""
    if question is None:
        return Capacity()
    kept = question.model_dump(mode="json")
    order = [place.key for place in reckoned.ranking.places]
    needs = _needs(order, reckoned.gathered.known, question)
    if not needs:
        return Capacity(kept, "nothing_to_ask")
    roadmap = cast("RequirementsContext", work.context).roadmap
    body = {
        "starts_on": kept["starts_on"],
        "ends_on": kept["ends_on"],
        "needs": [{"skill": skill, "days": days, "team_id": kept["team_id"]} for _, skill, days in needs],
    }
    try:
        short_days = await roadmap.short_days(body, workspace_id=work.principal.workspace)
    except (NeighbourDown, BadGateway):
        return Capacity(kept, "unavailable")
    except Invalid as refusal:
        raise Invalid(errors=[FieldError("/capacity", f"The roadmap says: {refusal.detail}", "refused")]) from None
    short: dict[str, dict[str, float]] = {}
    for (key, skill, _), days in zip(needs, short_days, strict=True):
        short.setdefault(key, {})[skill] = days
    return Capacity(kept, "answered", short)


def _needs(
    order: Sequence[str], known: Mapping[str, Known], question: CapacityQuestion
) -> list[tuple[str, str, float]]:
    """(requirement, skill, days) of those that say which skills they take."""
    needs: list[tuple[str, str, float]] = []
    for key in order:
        skills = known[key].requirement.estimates.get("effort_by_skill") or {}
        if len(needs) + len(skills) > MOST_NEEDS:
            break
        months = question.days_per_person_month
        needs += [(key, skill, round(each["likely"] * months, 3)) for skill, each in skills.items()]
    return needs
