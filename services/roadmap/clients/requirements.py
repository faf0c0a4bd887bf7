"""What the roadmap asks of the requirements service."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.chassis.errors import NotFound
from services.roadmap.clients.neighbours import BATCH, LookUpClient, SeenThing, reader

ANSWERS = "stakeholder-update"
"""Where feedback that answers an update comes from."""


class SeenRequirement(SeenThing):
    """A requirement, as far as the roadmap reads it."""

    title: str
    status: str | None = None
    kind: str | None = None


class SeenTheme(SeenThing):
    """A theme, as far as the roadmap reads it."""

    name: str
    size: int
    quote: str | None = None


class SeenCompany(SeenThing):
    """A company; that it is there is all that is learnt."""


class SeenScore(BaseModel):
    """One line of a ranking."""

    requirement_id: UUID
    score: float


class SeenRanking(BaseModel):
    """A prioritization, as far as the roadmap reads it."""

    id: UUID
    name: str
    ranking: list[SeenScore]


class SeenFeedback(SeenThing):
    """Feedback, as far as the roadmap reads it."""


class SeenMoney(BaseModel):
    """An amount in minor units."""

    amount_minor: int
    currency: str


class SeenRevenue(BaseModel):
    """What a company pays in a year, and when that holds."""

    annual: SeenMoney
    valid_from: date
    valid_until: date | None = None


class SeenRevenues(BaseModel):
    """All that was said of what one company pays."""

    items: list[SeenRevenue]


class RequirementsClient(LookUpClient):
    """Asks about requirements and what they rest on, and hands over what people answer to updates."""

    async def requirements(self, ids: Collection[UUID], *, workspace_id: UUID) -> dict[UUID, SeenRequirement]:
        """The requirements that exist among these. Raises NeighbourDown."""
        return await self.look_up(
            "/v1/requirements", ids, scope="requirements:read", workspace_id=workspace_id, model=SeenRequirement
        )

    async def themes(self, ids: Collection[UUID], *, workspace_id: UUID) -> dict[UUID, SeenTheme]:
        """The themes that exist among these, retired ones included. Raises NeighbourDown."""
        return await self.look_up(
            "/v1/themes",
            ids,
            scope="requirements:read",
            workspace_id=workspace_id,
            model=SeenTheme,
            with_retired="true",
        )

    async def companies(self, ids: Collection[UUID], *, workspace_id: UUID) -> dict[UUID, SeenCompany]:
        """The companies that exist among these. Raises NeighbourDown."""
        return await self.look_up(
            "/v1/companies", ids, scope="feedback:read", workspace_id=workspace_id, model=SeenCompany
        )

    async def ranking(self, prioritization_id: UUID, *, workspace_id: UUID) -> SeenRanking:
        """A prioritization with the score of each requirement. Raises NotFound, NeighbourDown."""
        asking = reader(workspace_id, "requirements:read")
        return await self.get(f"/v1/prioritizations/{prioritization_id}", on_behalf_of=asking, model=SeenRanking)

    async def keep_answer(self, text: str, *, reply_id: UUID, email: str | None, workspace_id: UUID) -> SeenFeedback:
        """The feedback that an answer has become; handing it over again changes nothing. Raises NeighbourDown."""
        content: dict[str, Any] = {"text": text}
        if email is not None:
            content["contact"] = {"email": email}
        return await self.put(
            f"/v1/feedback/by-external-id/{ANSWERS}/{reply_id}",
            on_behalf_of=reader(workspace_id, "feedback:write"),
            json=content,
            model=SeenFeedback,
        )

    async def revenue(self, company_id: UUID, *, on: date, workspace_id: UUID) -> list[SeenMoney]:
        """What the company pays in a year as of a day, one amount for each currency. Raises NeighbourDown."""
        asking = reader(workspace_id, "feedback:read")
        path = f"/v1/companies/{company_id}/revenues"
        try:
            seen = await self.get(path, on_behalf_of=asking, model=SeenRevenues, params={"limit": BATCH})
        except NotFound:
            return []
        return [
            each.annual
            for each in seen.items
            if each.valid_from <= on and (each.valid_until is None or on < each.valid_until)
        ]
