"""What happens to a product in a test: measurements, launches, and looks at what came of them."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import numpy as np
from sqlalchemy import select

from services.chassis.identity import system_principal
from services.chassis.tables import event
from services.chassis.unit_of_work import UnitOfWork
from services.metrics.clients.context import MetricsContext
from services.metrics.outcomes.service import ExpectedEffect, OutcomeService, Shipped
from services.metrics.outcomes.watch import look_at_due

NDJSON = {"Content-Type": "application/x-ndjson"}
SINCE_LAUNCH = timedelta(days=40)


@dataclass
class Story:
    """One product in one workspace."""

    api: httpx.AsyncClient
    context: MetricsContext
    workspace: UUID
    now: datetime

    @property
    def launch(self) -> datetime:
        return self.now - SINCE_LAUNCH

    async def ship(self, kpi, *, low=2, likely=4, high=7, feature_id=None, told=None, **more) -> UUID:
        """Tells of a launch the way the roadmap's feed does, within one transaction; `told` is what it says beside."""
        effect = ExpectedEffect(kpi_id=UUID(kpi["id"]), low=low, likely=likely, high=high, **more)
        feature_id = feature_id or uuid4()
        shipped = Shipped(shipped_at=self.launch, requirement_ids=(uuid4(),), expected_effects=(effect,), **told or {})
        principal = system_principal("metrics", workspace_id=self.workspace)
        async with self.context.database.transaction(workspace_id=self.workspace) as session:
            work = UnitOfWork(self.context, principal, session=session)
            await OutcomeService(work).open_for(feature_id, shipped)
            await work.audit.write()
        return feature_id

    async def measure(self, kpi, *, effect=0.0, seed=1, common=0.0) -> None:
        """Sends 90 days before the launch and 39 after, with a true effect from the launch on."""
        days = np.arange(-90, 40)
        values = 50 + np.random.default_rng(seed).normal(0, 1.5, len(days)) + effect * (days > 0) + common
        lines = [
            {
                "kpi_id": kpi["id"],
                "value": round(float(value), 3),
                "measured_at": (self.launch + timedelta(days=int(day))).isoformat(),
                "dedupe_key": f"day {day}",
            }
            for day, value in zip(days, values, strict=True)
        ]
        body = "\n".join(json.dumps(line) for line in lines)
        answer = await self.api.post("/v1/measurements/bulk", content=body, headers=NDJSON)
        assert {json.loads(line)["status"] for line in answer.text.splitlines()} == {201}

    async def look(self) -> None:
        """The service looks at what is due, as it does every minute."""
        await self.context.feed.head()  # numbers the events, and so gets to know the workspace
        await look_at_due(self.context)

    async def outcome(self, feature_id: UUID) -> dict[str, Any]:
        (outcome,) = (await self.api.get(f"/v1/outcomes?feature_id={feature_id}")).json()["items"]
        return outcome

    async def events(self, subject_id: str) -> list[Any]:
        query = select(event.c.type, event.c.data).where(event.c.subject_id == UUID(subject_id))
        async with self.context.database.session(workspace_id=self.workspace) as session:
            return list((await session.execute(query.order_by(event.c.sequence))).all())
