"""What the roadmap tells that concerns outcomes."""

from services.chassis.events import Event
from services.chassis.feed_handlers import Handlers
from services.chassis.unit_of_work import UnitOfWork
from services.metrics.outcomes.service import OutcomeService, Shipped

handlers = Handlers()


@handlers.on("feature.shipped", "feature.updated", data=Shipped)
async def open_outcomes(work: UnitOfWork, event: Event[Shipped]) -> None:
    """A snapshot tells of shipped features as `feature.updated`: only the date of shipping counts."""
    await OutcomeService(work).open_for(event.subject, event.data)
