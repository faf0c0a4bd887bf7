"""The process's parts, with the child that computes."""

from dataclasses import dataclass

from services.chassis.app import build_context
from services.chassis.child import ChildServer
from services.chassis.context import ServiceContext
from services.metrics.settings import MetricsSettings


@dataclass(kw_only=True)
class MetricsContext(ServiceContext):
    """What every room of metrics finds in its unit of work."""

    analyst: ChildServer

    @classmethod
    def build(cls, settings: MetricsSettings) -> "MetricsContext":
        return cls(**vars(build_context("metrics", settings)), analyst=ChildServer())
