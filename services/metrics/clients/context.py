"""The process's parts, with the child that computes."""

import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from services.chassis.app import build_context
from services.chassis.child import ChildServer
from services.chassis.context import ServiceContext
from services.chassis.outbound.client import OutboundClient, outbound_client
from services.chassis.sealing import Sealer
from services.metrics.domain.pseudonyms import pseudonym
from services.metrics.settings import MetricsSettings


@dataclass(kw_only=True)
class MetricsContext(ServiceContext):
    """What every room of metrics finds in its unit of work."""

    analyst: ChildServer
    outbound: OutboundClient

    def pseudonym(self, name: str, workspace_id: UUID) -> int:
        """The number under which somebody is counted in a workspace."""
        return pseudonym(name, workspace=workspace_id.bytes, secret=self.secret)

    @functools.cached_property
    def secret(self) -> bytes:
        """What names are hashed with; a part of every backup."""
        return self.settings.secret_bytes("key_pepper")

    @functools.cached_property
    def sealer(self) -> Sealer:
        """What credentials are sealed with."""
        return Sealer(self.secret)

    @classmethod
    def build(cls, settings: MetricsSettings) -> "MetricsContext":
        return cls(
            **vars(build_context("metrics", settings)),
            analyst=ChildServer(),
            outbound=outbound_client(environment=settings.environment),
        )


@asynccontextmanager
async def working_with(context: ServiceContext) -> AsyncIterator[None]:
    """The background part that lets go of what the others work with; entered first, so that they have ended by then."""
    metrics = cast("MetricsContext", context)
    try:
        yield
    finally:
        await metrics.analyst.close()
        await metrics.outbound.close()
