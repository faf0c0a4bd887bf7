"""What callers see of what they use."""

from datetime import date

from pydantic import BaseModel, Field

from services.chassis.types import Reading


class TableUsage(BaseModel):
    name: str = Field(examples=["feedback"])
    rows: int
    is_estimate: bool = Field(description="More than 10,000 rows are estimated and not counted.")
    bytes: int = Field(description="About what the rows take on disk with their indexes: the table's size, by rows.")


class ServiceUsage(BaseModel):
    service: str
    rows: int
    bytes: int
    tables: list[TableUsage] = Field(description="Those that hold anything of the workspace, the largest first.")


class DailyRequestsRead(Reading):
    day: date = Field(description="In UTC.")
    requests: int
    refused: int = Field(description="Of these, answered with 4xx.")
    failed: int = Field(description="Of these, answered with 5xx.")


class UsageRead(BaseModel):
    requests: list[DailyRequestsRead] = Field(description="Days with requests, the newest first; seconds behind.")
    rows: int
    bytes: int
    services: list[ServiceUsage]
    unavailable: list[str] = Field(description="Services that could not be asked; their part is missing.")
