"""What callers send and see when a person asks for their data."""

from uuid import UUID

from services.chassis.types import Body, Flag, Reading, Timestamp

REMAINING = (
    "The write-ahead log is recycled as the databases write on; "
    "backups expire by the schedule under which they are kept."
)


class ErasureCreate(Body):
    """Whether to erase, or only to count what would be."""

    dry_run: Flag = False


class ReceiptRead(Reading):
    """The result of an erasure: what was touched where. It names nobody but the contact's id."""

    contact_id: UUID
    is_dry_run: bool
    finished_at: Timestamp
    rows: dict[str, dict[str, int]]
    rewritten: dict[str, list[str]]
    remaining: str = REMAINING
