"""The tables that every service carries beside its own: events and feeds, cursors, idempotency, operations."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION, JSONB

NAMING_CONVENTION = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

infrastructure_metadata = MetaData(naming_convention=NAMING_CONVENTION)

OPERATION_STATES = ("queued", "running", "succeeded", "failed", "cancelled")


def _moment(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=None if nullable else func.now())


# `sequence` orders the events of one subject (its row lock is held until commit); `position` is given after the
# commit and is what readers see. Neither a foreign key nor a unique id: this is the hottest insert of the house.
event = Table(
    "event",
    infrastructure_metadata,
    Column("sequence", BigInteger, Identity(always=True), primary_key=True),
    Column("position", BigInteger, unique=True),
    Column("id", Uuid, nullable=False),
    Column("workspace_id", Uuid, nullable=False),
    Column("type", Text, nullable=False),
    Column("subject_type", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("subject_version", Integer, nullable=False),
    Column("actor", JSONB, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("traceparent", Text),
    _moment("occurred_at"),
    Index("ix_event_unnumbered", "sequence", postgresql_where=text("position IS NULL")),
    Index(None, "workspace_id", "subject_type", "position"),
)

feed_head = Table(
    "feed_head",
    infrastructure_metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False, server_default="1"),
    Column("feed_id", Uuid, nullable=False, server_default=func.gen_random_uuid()),
    Column("position", BigInteger, nullable=False, server_default="0"),
    Column("oldest_position", BigInteger, nullable=False, server_default="1"),
    CheckConstraint("id = 1", name="one_row"),
)

cursor = Table(
    "cursor",
    infrastructure_metadata,
    Column("name", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("feed_id", Uuid),
    Column("position", BigInteger, nullable=False, server_default="0"),
    Column("snapshot_id", Uuid),
    _moment("updated_at"),
)

parked_event = Table(
    "parked_event",
    infrastructure_metadata,
    Column("sequence", BigInteger, Identity(always=True), primary_key=True),
    Column("cursor", Text, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("workspace_id", Uuid, nullable=False),
    Column("subject_type", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("event", JSONB, nullable=False),
    Column("error", Text),
    Column("attempts", Integer, nullable=False, server_default="0"),
    _moment("parked_at"),
    UniqueConstraint("cursor", "event_id"),
    Index(None, "cursor", "subject_id", "sequence"),
)

# Which subjects a running snapshot has brought, so that copies it did not bring can be removed at its end.
snapshot_subject = Table(
    "snapshot_subject",
    infrastructure_metadata,
    Column("snapshot_id", Uuid, primary_key=True),
    Column("workspace_id", Uuid, primary_key=True),
    Column("subject_type", Text, primary_key=True),
    Column("subject_id", Uuid, primary_key=True),
)

# Row-level security shows one workspace at a time; whoever must visit all of them (snapshots, sweeps) walks this list.
known_workspace = Table(
    "known_workspace",
    infrastructure_metadata,
    Column("workspace_id", Uuid, primary_key=True),
    _moment("first_seen_at"),
)

idempotency_record = Table(
    "idempotency_record",
    infrastructure_metadata,
    Column("workspace_id", Uuid, primary_key=True),
    Column("principal_id", Text, primary_key=True),
    Column("method", Text, primary_key=True),
    Column("route", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    _moment("created_at"),
    Index(None, "created_at"),
)

operation = Table(
    "operation",
    infrastructure_metadata,
    Column("workspace_id", Uuid, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="queued"),
    Column("progress", DOUBLE_PRECISION, nullable=False, server_default="0"),
    Column("message", Text),
    Column("payload", JSONB, nullable=False),
    Column("result", JSONB),
    Column("problem", JSONB),
    Column("cancel_requested", Boolean, nullable=False, server_default=false()),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("created_by", Text, nullable=False),
    _moment("created_at"),
    _moment("updated_at"),
    _moment("started_at", nullable=True),
    _moment("finished_at", nullable=True),
    CheckConstraint(f"state IN {OPERATION_STATES!r}", name="state"),
    CheckConstraint("progress >= 0 AND progress <= 1", name="progress"),
    Index(None, "created_at"),
)

# Append-only: of a row that was written, the application may later only erase the payload and its salt.
audit_entry = Table(
    "audit_entry",
    infrastructure_metadata,
    Column("workspace_id", Uuid, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject_type", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("trace_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("is_unconditional", Boolean, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("salt", LargeBinary),
    Column("payload_digest", LargeBinary, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Index(None, "workspace_id", "subject_id"),
)

audit_head = Table(
    "audit_head",
    infrastructure_metadata,
    Column("workspace_id", Uuid, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
)

AUDIT_ERASABLE = ("before", "after", "salt")

# Indexed by created_at alone: the hourly purge runs over all workspaces at once, through a definer function.
TENANT_TABLES = (idempotency_record, operation)

LOCAL_TABLES = (event, feed_head, cursor, parked_event, snapshot_subject, known_workspace)
