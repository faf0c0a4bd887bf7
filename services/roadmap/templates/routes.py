"""HTTP for templates."""

from typing import Annotated, Any

from fastapi import Depends

from services.chassis.answers import Created, created
from services.chassis.routing import Router
from services.roadmap.templates.schemas import NorthStarCreate, ObjectiveSet, OkrCreate, TemplateList, TemplateRead
from services.roadmap.templates.service import TemplateService

KPI_ID = "01983a7c-5a50-7c3e-9d2b-0c5d1f6a7b8e"
OKR: dict[str, Any] = {
    "term": "2027-Q1",
    "objectives": [
        {
            "title": "New users find their feet, and stay",
            "key_results": [
                {
                    "title": "A third activate in a week",
                    "kpi_id": KPI_ID,
                    "start_value": 24,
                    "target_value": 33,
                },
                {"title": "Nine in ten of them stay", "kpi_id": KPI_ID, "start_value": 82, "target_value": 90},
            ],
        }
    ],
}
NORTH_STAR: dict[str, Any] = {
    "term": "2027",
    "title": "Invoices paid without a reminder by hand",
    "kpi_id": KPI_ID,
    "start_value": 40_000,
    "target_value": 90_000,
    "inputs": [
        {"title": "Firms that send invoices", "kpi_id": KPI_ID, "start_value": 900, "target_value": 1_400},
        {"title": "Share of invoices with a reminder plan", "kpi_id": KPI_ID, "start_value": 0, "target_value": 60},
    ],
}
TEMPLATES = (
    TemplateRead(
        name="okr",
        title="Objectives and key results",
        source="J. Doerr, Measure What Matters, 2018",
        guidance=[
            "At most five objectives for a term: what matters, in words that people remember.",
            "Two to five key results each: numbers that say whether the objective was reached, never tasks.",
            "Set targets that are reached to seven tenths; what must be reached is a constraint.",
        ],
        post_to="/v1/strategy/okrs",
        example=OKR,
    ),
    TemplateRead(
        name="north_star",
        title="North Star with its inputs",
        source="S. Ellis and M. Brown, Hacking Growth, 2017",
        guidance=[
            "One number that grows when customers get more value, and that predicts revenue.",
            "Two to five inputs that teams can move themselves and that move the star.",
            "Features serve the inputs; the star tells whether the inputs were the right ones.",
        ],
        post_to="/v1/strategy/north-star",
        example=NORTH_STAR,
    ),
)

router = Router(prefix="/v1/strategy", tags=["Strategy"])
Templates = Annotated[TemplateService, Depends(TemplateService)]


@router.get("/templates", scope="roadmap:read")
async def get_strategy_templates() -> TemplateList:
    """Read the templates: what each is good for, where it comes from, and a body to begin with."""
    return TemplateList(items=list(TEMPLATES))


@router.post("/okrs", scope="roadmap:write", example=OKR)
async def create_okrs(new: OkrCreate, templates: Templates) -> Created[ObjectiveSet]:
    """Set the objectives and key results of a term.

    One to five objectives with two to five key results each; the term gives the dates. All are set, or none.
    """
    return created(
        ObjectiveSet.model_validate({"objectives": await templates.set_okrs(new)}), location="/v1/objectives"
    )


@router.post("/north-star", scope="roadmap:write", example=NORTH_STAR)
async def create_north_star(new: NorthStarCreate, templates: Templates) -> Created[ObjectiveSet]:
    """Set a North Star and the inputs that move it.

    One objective for the star and one for each input; their `metadata` says which is which.
    """
    objectives = await templates.set_north_star(new)
    return created(ObjectiveSet.model_validate({"objectives": objectives}), location="/v1/objectives")
