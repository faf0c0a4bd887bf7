"""What all statements of one batch share: whose workspace, which instant, in whose name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis.events import NewEvent
from services.chassis.ids import IdMaker


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One workspace's part of a transaction."""

    workspace_id: UUID
    now: datetime
    ids: IdMaker
    actor: Mapping[str, str]

    def event(
        self,
        kind: str,
        *,
        subject_type: str,
        subject_id: UUID,
        version: int,
        data: Mapping[str, Any] | None = None,
        traceparent: str | None = None,
    ) -> NewEvent:
        """A fact of this batch, to be kept with `insert_events`."""
        return NewEvent(
            id=self.ids(),
            workspace_id=self.workspace_id,
            type=kind,
            subject_type=subject_type,
            subject_id=subject_id,
            version=version,
            actor=self.actor,
            occurred_at=self.now,
            data=data or {},
            traceparent=traceparent,
        )
