"""Sets up objectives after a template."""

from collections.abc import Sequence

from services.chassis.unit_of_work import Work
from services.roadmap.domain.terms import term
from services.roadmap.models import Objective
from services.roadmap.strategy.schemas import KeyResultCreate, ObjectiveCreate
from services.roadmap.strategy.service import ObjectiveService
from services.roadmap.templates.schemas import NorthStarCreate, OkrCreate


class TemplateService:
    """All objectives of a set are made, or none."""

    def __init__(self, work: Work) -> None:
        self.objectives = ObjectiveService(work)

    async def set_okrs(self, new: OkrCreate) -> Sequence[Objective]:
        """Raises as the making of an objective does, with the place within the set."""
        starts_on, due_on = term(new.term)
        return await self.objectives.create_all(
            [
                ObjectiveCreate(
                    **each.fields(), starts_on=starts_on, due_on=due_on, metadata={"template": "okr", "term": new.term}
                )
                for each in new.objectives
            ],
            pointer="/objectives/{objective}/key_results/{key_result}",
        )

    async def set_north_star(self, new: NorthStarCreate) -> Sequence[Objective]:
        """One objective for the star, one for each input; each told by its KPI."""
        starts_on, due_on = term(new.term)

        def told_by(title: str, result: KeyResultCreate, role: str) -> ObjectiveCreate:
            marks = {"template": "north_star", "role": role, "term": new.term}
            return ObjectiveCreate(
                title=title, starts_on=starts_on, due_on=due_on, key_results=[result], metadata=marks
            )

        star = KeyResultCreate(
            title=new.title, kpi_id=new.kpi_id, start_value=new.start_value, target_value=new.target_value
        )
        inputs = [told_by(each.title, KeyResultCreate(**each.fields()), "input") for each in new.inputs]
        return await self.objectives.create_all([told_by(new.title, star, "north_star"), *inputs], pointer="")
