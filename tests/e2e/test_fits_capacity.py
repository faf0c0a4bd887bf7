"""A ranking asks the roadmap, over HTTP, whether what stands on it fits what the teams have free."""

from typing import Any

from services.launcher.demo.api import Api
from tests.e2e.stack import Stack

TWELVE_WEEKS = {"starts_on": "2027-01-04", "ends_on": "2027-03-26", "days_per_person_month": 20}
"""Sixty working days of one person."""


def takes(months: float, *, reach: int) -> dict[str, Any]:
    return {"reach": reach, "impact": 2, "confidence": 0.8, "effort_by_skill": {"backend": months}}


async def test_what_fits_is_what_the_roadmap_has_free(stack: Stack) -> None:
    async with Api(stack.url, await stack.other_workspace("Full hands")) as api:
        team = await api.post("/v1/teams", {"name": "Exports", "staff": [{"skill": "backend", "people": 1}]})
        first = await api.post("/v1/requirements", {"title": "First", "estimates": takes(2, reach=400)})
        second = await api.post("/v1/requirements", {"title": "Second", "estimates": takes(2, reach=40)})
        assert await fits(api) == {first["id"]: (True, {}), second["id"]: (False, {"backend": 20})}

        fortnight = {"starts_on": "2027-01-04", "ends_on": "2027-01-15", "skill": "backend", "people": 1}
        await api.post("/v1/allocations", {"team_id": team["id"], "title": "On call", **fortnight})
        assert await fits(api) == {first["id"]: (True, {}), second["id"]: (False, {"backend": 30})}


async def fits(api: Api) -> dict[str, tuple[bool, dict[str, float]]]:
    """By requirement, whether it fits and what is missing, as a new ranking says."""
    made = await api.post("/v1/prioritizations", {"name": "Spring", "capacity": TWELVE_WEEKS})
    assert made["capacity"]["state"] == "answered"
    return {line["requirement_id"]: (line["fits_capacity"], line["missing_days"]) for line in made["ranking"]}
