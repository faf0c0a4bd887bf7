"""Studies with their findings, public forms, and votes.

Revision ID: 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from migrations.support import enable_row_level_security

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = (
    "study",
    "study_participant",
    "study_response",
    "finding",
    "finding_quote",
    "intake_form",
    "form_submission",
    "vote",
)


def upgrade() -> None:
    _create_study()
    _create_finding()
    _create_form()
    _create_vote()
    for table in TABLES:
        enable_row_level_security(table)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_study() -> None:
    op.create_table(
        "study",
        *_identity(),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("title", "question", "method")),
        sa.Column("starts_on", sa.Date()),
        sa.Column("ends_on", sa.Date()),
        sa.Column("conclusion", sa.String(), nullable=False),
        *_life(),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_study_dates")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_study")),
    )
    op.create_table(
        "study_participant",
        *_identity(),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        *_life(),
        _within("study_participant", "study_id", "study", ondelete="CASCADE"),
        _within("study_participant", "contact_id", "contact"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_study_participant")),
        sa.UniqueConstraint(
            "workspace_id", "study_id", "contact_id", name=op.f("uq_study_participant_workspace_id_study_id_contact_id")
        ),
    )
    _index("study_participant", "contact_id")
    op.create_table(
        "study_response",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("feedback_id", sa.Uuid(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        _within("study_response", "study_id", "study", ondelete="CASCADE"),
        _within("study_response", "feedback_id", "feedback", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("workspace_id", "feedback_id", name=op.f("pk_study_response")),
    )
    _index("study_response", "study_id", "feedback_id")


def _create_finding() -> None:
    op.create_table(
        "finding",
        *_identity(),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        *_life(),
        _within("finding", "study_id", "study", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_finding")),
    )
    _index("finding", "study_id")
    op.create_table(
        "finding_quote",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Uuid(), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column("start_offset", sa.Integer(), nullable=False),
        sa.Column("end_offset", sa.Integer(), nullable=False),
        _within("finding_quote", "finding_id", "finding", ondelete="CASCADE"),
        _within("finding_quote", "feedback_id", "feedback"),
        sa.PrimaryKeyConstraint("workspace_id", "finding_id", "place", name=op.f("pk_finding_quote")),
    )
    _index("finding_quote", "feedback_id")


def _create_form() -> None:
    op.create_table(
        "intake_form",
        *_identity(),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("questions", JSONB(), nullable=False),
        sa.Column("channel", sa.String()),
        sa.Column("product_area", sa.String()),
        sa.Column("consent_wording", sa.String()),
        sa.Column("consent_purposes", ARRAY(sa.String()), nullable=False),
        sa.Column("allowed_origins", ARRAY(sa.String()), nullable=False),
        sa.Column("max_per_minute", sa.SmallInteger(), nullable=False),
        sa.Column("votable_ids", ARRAY(sa.Uuid()), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        *_life(),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_intake_form")),
    )
    op.create_table(
        "form_submission",
        *_identity(),
        sa.Column("form_id", sa.Uuid(), nullable=False),
        sa.Column("feedback_id", sa.Uuid()),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        _within("form_submission", "form_id", "intake_form", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_form_submission")),
    )
    _index("form_submission", "form_id", "submitted_at")


def _create_vote() -> None:
    op.create_table(
        "vote",
        *_identity(),
        sa.Column("requirement_id", sa.Uuid()),
        sa.Column("theme_id", sa.Uuid()),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        *_life(),
        sa.CheckConstraint("num_nonnulls(requirement_id, theme_id) = 1", name=op.f("ck_vote_subject")),
        _within("vote", "contact_id", "contact"),
        _within("vote", "requirement_id", "requirement", ondelete="CASCADE"),
        _within("vote", "theme_id", "theme", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_vote")),
        sa.UniqueConstraint(
            "workspace_id", "requirement_id", "contact_id", name=op.f("uq_vote_workspace_id_requirement_id_contact_id")
        ),
        sa.UniqueConstraint(
            "workspace_id", "theme_id", "contact_id", name=op.f("uq_vote_workspace_id_theme_id_contact_id")
        ),
    )
    _index("vote", "contact_id")


def _identity() -> tuple[sa.Column[object], ...]:
    return sa.Column("workspace_id", sa.Uuid(), nullable=False), sa.Column("id", sa.Uuid(), nullable=False)


def _life() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_workspace_id_{'_'.join(columns)}"), table, ["workspace_id", *columns])


def _within(table: str, column: str, target: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id", column],
        [f"{target}.workspace_id", f"{target}.id"],
        name=op.f(f"fk_{table}_workspace_id_{column}_{target}"),
        ondelete=ondelete,
    )
