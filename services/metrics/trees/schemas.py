"""Edges and trees as callers send and see them."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from services.chassis.types import Body, Patch, Reading, Remark, Resource, omitted

Sign = Literal["raises", "lowers"]


class KpiEdgeCreate(Body):
    """That a driver moves a KPI."""

    kpi_id: UUID = Field(description="The KPI that is moved.")
    driver_kpi_id: UUID = Field(description="The KPI that moves it.")
    sign: Sign = Field(description="What more of the driver does to the KPI.")
    rationale: Remark


class KpiEdgeUpdate(Patch):
    """What is to change."""

    sign: Sign = omitted()
    rationale: Remark = omitted()


class KpiEdgeRead(Resource):
    """That a driver is believed to move a KPI."""

    kpi_id: UUID
    driver_kpi_id: UUID
    sign: Sign
    rationale: str


class TreeNode(Reading):
    """A KPI in a tree."""

    kpi_id: UUID
    name: str
    unit: str
    direction: str
    depth: int = Field(description="How many edges it lies below the KPI that was asked for, at least.")


class TreeEdge(Reading):
    """What connects two KPIs of a tree."""

    kpi_id: UUID
    driver_kpi_id: UUID
    origin: Literal["declared", "calculation"] = Field(
        description="`declared` by somebody, or there because the KPI is worked out from the other."
    )
    sign: Sign | None = Field(description="Null where the calculation says it better than a sign could.")


class KpiTreeRead(Reading):
    """Everything below one KPI."""

    kpi_id: UUID
    nodes: list[TreeNode]
    edges: list[TreeEdge]
    is_cut: bool = Field(description="Whether there is more below than is told.")
