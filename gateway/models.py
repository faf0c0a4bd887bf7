"""The gateway's tables: workspaces, their members, the keys that machines show, and what is told to the outside."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis import rows
from services.chassis.rows import VersionedRow, naming_metadata

ROLES = ("viewer", "contributor", "planner", "admin")
WORKSPACE_KINDS = ("live", "test")
KEY_KINDS = ("secret", "form")
DELIVERY_STATES = ("pending", "delivered", "failed")
DISABLED_REASONS = ("by_admin", "gone", "failing")


class Base(rows.Base):
    __abstract__ = True
    metadata = naming_metadata()


class Workspace(Base):
    """A tenant. Its id is what every business row of every service begins with."""

    __tablename__ = "workspace"
    __table_args__ = (
        CheckConstraint(f"kind IN {WORKSPACE_KINDS!r}", name="kind"),
        CheckConstraint("sandbox_of IS NULL OR kind = 'test'", name="sandbox"),
        UniqueConstraint("sandbox_of"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    allowed_origins: Mapped[list[str]] = mapped_column(ARRAY(Text))
    sandbox_of: Mapped[UUID | None] = mapped_column(ForeignKey("workspace.id"))
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()
    updated_at: Mapped[datetime] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    @property
    def etag(self) -> str:
        return f'"{self.version}"'


class Member(VersionedRow, Base):
    """A person of a workspace, known by what an OpenID Connect issuer calls them."""

    __tablename__ = "member"
    __table_args__ = (
        CheckConstraint(f"role IN {ROLES!r}", name="role"),
        CheckConstraint("(issuer IS NULL) = (subject IS NULL)", name="known"),
        CheckConstraint("email IS NOT NULL OR subject IS NOT NULL", name="invited"),
        UniqueConstraint("workspace_id", "issuer", "subject"),
        UniqueConstraint("workspace_id", "email"),
        # For who signs in: a token names a person, and no workspace.
        Index(None, "issuer", "subject"),
        Index(None, "email"),
    )

    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspace.id"), primary_key=True, sort_order=-20)
    issuer: Mapped[str | None] = mapped_column(Text)
    subject: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    invited_by: Mapped[str] = mapped_column(Text)
    joined_at: Mapped[datetime | None] = mapped_column()
    last_seen_at: Mapped[datetime | None] = mapped_column()

    @property
    def state(self) -> str:
        return "invited" if self.joined_at is None else "active"


class ApiKey(VersionedRow, Base):
    """What a machine may do. The key itself is nowhere: only its HMAC, and four characters to recognise it by."""

    __tablename__ = "api_key"
    __table_args__ = (
        CheckConstraint(f"role IN {ROLES!r}", name="role"),
        CheckConstraint(f"kind IN {KEY_KINDS!r}", name="kind"),
        UniqueConstraint("digest"),
    )

    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspace.id"), primary_key=True, sort_order=-20)
    name: Mapped[str] = mapped_column(Text)
    digest: Mapped[bytes] = mapped_column(LargeBinary, info={"secret": True})
    hint: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    allowed_origins: Mapped[list[str]] = mapped_column(ARRAY(Text))
    allowed_networks: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_by: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime | None] = mapped_column()
    revoked_at: Mapped[datetime | None] = mapped_column()
    rotated_to: Mapped[UUID | None] = mapped_column()
    last_used_at: Mapped[datetime | None] = mapped_column()


class DailyRequests(Base):
    """How many requests a workspace made on one day, in UTC."""

    __tablename__ = "daily_requests"

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    requests: Mapped[int] = mapped_column(BigInteger)
    refused: Mapped[int] = mapped_column(BigInteger)
    failed: Mapped[int] = mapped_column(BigInteger)


class EventLogHead(Base):
    """Where a workspace's event log stands; whoever appends holds this row until the commit, so positions never gap."""

    __tablename__ = "event_log_head"

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    oldest_position: Mapped[int] = mapped_column(BigInteger)


class LoggedEvent(Base):
    """One event of any service, in the order in which this workspace is told of it."""

    __tablename__ = "logged_event"
    __table_args__ = (
        UniqueConstraint("workspace_id", "id"),
        Index(None, "workspace_id", "subject_id", "position"),
        Index(None, "logged_at"),
    )

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column()
    type: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID] = mapped_column()
    scope: Mapped[str] = mapped_column(Text)
    logged_at: Mapped[datetime] = mapped_column()
    document: Mapped[str] = mapped_column(Text)


class Webhook(VersionedRow, Base):
    """An address that is told of events. Its secrets are nowhere: they are derived, see `webhooks/secrets.py`."""

    __tablename__ = "webhook"
    __table_args__ = (CheckConstraint(f"disabled_reason IN {DISABLED_REASONS!r}", name="disabled_reason"),)

    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspace.id"), primary_key=True, sort_order=-20)
    url: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    event_types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    disabled_reason: Mapped[str | None] = mapped_column(Text)
    disabled_at: Mapped[datetime | None] = mapped_column()
    secret_number: Mapped[int] = mapped_column()
    previous_secret_until: Mapped[datetime | None] = mapped_column()
    failing_since: Mapped[datetime | None] = mapped_column()
    # No attempt before this moment: a worker has the webhook in hand, or it is given a rest after a failure.
    held_until: Mapped[datetime | None] = mapped_column()

    @property
    def is_enabled(self) -> bool:
        return self.disabled_reason is None


class WebhookDelivery(VersionedRow, Base):
    """The ledger: one entry per event and webhook, written with the event; only `document`s of tests are kept here."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        CheckConstraint(f"state IN {DELIVERY_STATES!r}", name="state"),
        ForeignKeyConstraint(
            ["workspace_id", "webhook_id"], ["webhook.workspace_id", "webhook.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("workspace_id", "webhook_id", "event_id"),
        Index(
            "ix_webhook_delivery_due",
            "workspace_id",
            "webhook_id",
            "next_attempt_at",
            "position",
            postgresql_where=text("state = 'pending'"),
        ),
        Index(None, "created_at"),
    )

    webhook_id: Mapped[UUID] = mapped_column()
    event_id: Mapped[UUID] = mapped_column()
    event_type: Mapped[str] = mapped_column(Text)
    position: Mapped[int | None] = mapped_column(BigInteger)
    document: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column()
    failures: Mapped[int] = mapped_column()
    next_attempt_at: Mapped[datetime | None] = mapped_column()
    delivered_at: Mapped[datetime | None] = mapped_column()


class WebhookAttempt(Base):
    """One try to deliver, and what the receiver said."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "delivery_id"],
            ["webhook_delivery.workspace_id", "webhook_delivery.id"],
            ondelete="CASCADE",
        ),
    )

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    delivery_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column()
    duration_ms: Mapped[int] = mapped_column()
    status: Mapped[int | None] = mapped_column()
    error: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
