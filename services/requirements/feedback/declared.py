"""Which values in custom fields a workspace takes: asked once for a batch, and only where there are any."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from services.chassis.errors import FieldError, Invalid
from services.requirements.domain.custom_fields import Declared, FieldKind, faults_in
from services.requirements.feedback.recording import Draft

DECLARED = "SELECT name, kind, choices FROM custom_field WHERE workspace_id = $1 AND applies_to = 'feedback'"


async def refused_values(
    connection: asyncpg.Connection, workspace_id: UUID, drafts: Iterable[Draft]
) -> dict[UUID, Invalid]:
    """By draft, why its values are not taken."""
    carriers = [draft for draft in drafts if draft.content.custom_fields]
    if not carriers:
        return {}
    declared = await declared_fields(connection, workspace_id)
    refusals = {draft.id: refusal_of(draft.content.custom_fields, declared) for draft in carriers}
    return {draft_id: refusal for draft_id, refusal in refusals.items() if refusal is not None}


async def declared_fields(connection: asyncpg.Connection, workspace_id: UUID) -> dict[str, Declared]:
    rows: Sequence[Any] = await connection.fetch(DECLARED, workspace_id)
    return {row["name"]: Declared(FieldKind(row["kind"]), row["choices"]) for row in rows}


def refusal_of(values: Mapping[str, object], declared: Mapping[str, Declared]) -> Invalid | None:
    """What is wrong with values, each named."""
    faults = list(faults_in(values, declared))
    if not faults:
        return None
    return Invalid(errors=[FieldError(f"/custom_fields/{each.name}", each.detail, "custom_field") for each in faults])
