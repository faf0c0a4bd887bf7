"""What a workspace takes up in this service, for the edge to add up."""

from pydantic import BaseModel

from services.chassis.routing import Router
from services.chassis.unit_of_work import Work
from services.chassis.usage import workspace_usage


class TableUsageRead(BaseModel):
    """One table's rows of the workspace, and about what they take on disk."""

    name: str
    rows: int
    is_estimate: bool
    bytes: int


router = Router(prefix="/internal/usage", tags=["internal"])


@router.get("", scope="admin:read", include_in_schema=False)
async def show_usage(work: Work) -> list[TableUsageRead]:
    """Every table that holds rows of the workspace."""
    return [TableUsageRead(**vars(table)) for table in await workspace_usage(work.session)]
