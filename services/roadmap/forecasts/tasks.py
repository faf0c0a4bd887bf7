"""Simulates in a child process, then keeps the answer and the operation's end in one transaction."""

from uuid import UUID

from services.chassis.child import run_in_child
from services.chassis.identity import system_principal
from services.chassis.operations import OperationKinds, OperationRun
from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.forecasts.repository import AnswerRepository, ForecastRepository
from services.roadmap.forecasts.service import KIND
from services.roadmap.models import ForecastAnswer

CHILDREN = {
    "estimates": "services.roadmap.forecasts.simulating:simulate",
    "throughput": "services.roadmap.forecasts.counting:count",
}

kinds = OperationKinds()


@kinds.kind(KIND)
async def run_forecast(run: OperationRun) -> None:
    """A kill of this process before the commit lets the job run again, with the same answer."""
    async with run.transaction() as session:
        forecast = await ForecastRepository(session).get(UUID(run.payload["forecast_id"]))
    asked = {"question": forecast.question, **{name: forecast.request[name] for name in ("samples", "seed")}}
    answer = await run_in_child(CHILDREN[forecast.request.get("method", "estimates")], asked)
    principal = system_principal("roadmap", workspace_id=run.workspace_id)
    async with run.transaction() as session:
        work = UnitOfWork(run.context, principal, session=session)
        kept = ForecastAnswer(id=forecast.id, answer=answer, created_at=work.clock.now())
        await AnswerRepository(session).add(kept)
        await work.events.append(
            "forecast.finished",
            subject_type="forecast",
            subject_id=forecast.id,
            version=2,
            data={"roadmap_id": forecast.roadmap_id, "done": answer["done"]},
        )
        await run.succeed(session, {"forecast_id": str(forecast.id)})
        await work.audit.write()
