"""What the gateway's application takes from here: routes, feeds to follow, jobs to do."""

from gateway.events.consumers import follows
from gateway.events.log.routes import router as log
from gateway.events.webhooks.delivery_routes import router as deliveries
from gateway.events.webhooks.routes import router as webhooks
from gateway.events.webhooks.tasks import Deliveries

ROUTERS = (log, webhooks, deliveries)

__all__ = ["ROUTERS", "Deliveries", "follows"]
