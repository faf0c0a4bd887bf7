"""Writes feedback by the batch: a few statements, however many rows; nothing here knows of HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from services.chassis.columns import given, shared
from services.chassis.events import INSERT_EVENTS, NewEvent, event_columns, insert_events_sql
from services.requirements.customers.batch import Batch
from services.requirements.customers.references import CompanyDirectory, ContactDirectory, Reference
from services.requirements.customers.schemas import CompanyReference, ContactReference
from services.requirements.feedback.schemas import FeedbackCreate

NEW_ROWS = """
INSERT INTO feedback (workspace_id, id, text, title, source, external_id, occurred_at, contact_id, company_id,
                      author_id, channel, source_url, product_area, importance, rating_value, rating_best, attachments,
                      custom_fields, consent, metadata, version, created_at, updated_at)
SELECT $1, id, text, title, coalesce(new.source, ($6::text[])[1]) AS source, external_id, coalesce(occurred_at, $2),
       contact_id, company_id, (more->>'author_id')::uuid, more->>'channel', more->>'source_url', more->>'product_area',
       (more->>'importance')::smallint, (more#>>'{rating,value}')::float8, (more#>>'{rating,best}')::float8,
       coalesce(more->'attachments', '[]'), coalesce(more->'custom_fields', '{}'), more->'consent',
       coalesce(metadata::jsonb, '{}'), 1, $2, $2
FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::uuid[], $10::uuid[],
            $11::text[], $12::jsonb[])
     AS new (id, text, title, source, external_id, occurred_at, contact_id, company_id, metadata, more)
ORDER BY source, external_id, id
"""

KEEP_WHAT_IS_THERE = "ON CONFLICT (workspace_id, source, external_id) DO NOTHING"

REPLACED = (
    "text", "title", "contact_id", "company_id", "author_id", "channel", "source_url", "product_area", "importance",
    "rating_value", "rating_best", "attachments", "custom_fields", "consent", "metadata",
)  # fmt: skip

# A time that nobody gave was filled in with `now`, as `created_at` was: it does not overrule the one that is there.
REPLACE_WHAT_DIFFERS = f"""
ON CONFLICT (workspace_id, source, external_id) DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name in REPLACED)},
    version = feedback.version + 1, updated_at = excluded.updated_at,
    occurred_at = CASE WHEN excluded.occurred_at = excluded.created_at THEN feedback.occurred_at
                       ELSE excluded.occurred_at END
WHERE ({", ".join(f"feedback.{name}" for name in REPLACED)})
      IS DISTINCT FROM
      ({", ".join(f"excluded.{name}" for name in REPLACED)})
   OR excluded.occurred_at NOT IN (excluded.created_at, feedback.occurred_at)
"""

# Nearly always every row is new: then the events that say so, made beforehand, are kept at once, and there is nothing
# to answer. Otherwise no event is kept, and the rows say what has become of each.
WRITTEN = """
WITH written AS ({rows} {on_conflict} RETURNING id, version, occurred_at, created_at, source, external_id),
     outcome AS (SELECT count(*) = cardinality($3) AND bool_and(version = 1) AS is_as_expected FROM written),
     told AS ({events})
SELECT written.* FROM outcome LEFT JOIN written ON true WHERE NOT is_as_expected
"""
EVENTS_IF_EXPECTED = insert_events_sql(first=13, condition="(SELECT is_as_expected FROM outcome)")
ADD = WRITTEN.format(rows=NEW_ROWS, on_conflict="", events=EVENTS_IF_EXPECTED)
KEEP = WRITTEN.format(rows=NEW_ROWS, on_conflict=KEEP_WHAT_IS_THERE, events=EVENTS_IF_EXPECTED)
REPLACE = WRITTEN.format(rows=NEW_ROWS, on_conflict=REPLACE_WHAT_DIFFERS, events=EVENTS_IF_EXPECTED)

KNOWN_ROWS = """
SELECT sent.id AS draft_id, known.id, known.version, known.occurred_at, known.created_at, known.updated_at
FROM unnest($2::uuid[], $3::text[], $4::text[]) AS sent (id, source, external_id)
CROSS JOIN LATERAL (
    SELECT id, version, occurred_at, created_at, updated_at FROM feedback
    WHERE workspace_id = $1 AND source = sent.source AND external_id = sent.external_id LIMIT 1
) AS known
"""

MORE = frozenset(
    {
        "channel", "source_url", "product_area", "importance", "rating", "attachments", "custom_fields", "consent",
    }
)  # fmt: skip


@dataclass(kw_only=True, slots=True)
class Draft:
    """A piece of feedback on its way into the table."""

    id: UUID
    content: FeedbackCreate
    traceparent: str | None = None
    contact_id: UUID | None = None
    company_id: UUID | None = None
    author_id: UUID | None = None

    @property
    def names_someone(self) -> bool:
        return bool(self.content.contact or self.content.company or self.content.author)


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """A draft's row as it now stands; `updated_at` is given for one that nothing was written to."""

    id: UUID
    version: int
    occurred_at: datetime
    created_at: datetime
    updated_at: datetime | None = None
    is_new: bool = False


@dataclass(frozen=True)
class Prepared:
    """Drafts as the statements take them, and what will have been written if every row is new."""

    parameters: tuple[Any, ...]
    expected: dict[UUID, Recorded]


class Recorder:
    """Writes drafts of one workspace, with the customers that they name and the events that tell of them."""

    def __init__(self, connection: asyncpg.Connection, batch: Batch) -> None:
        self._connection = connection
        self._batch = batch

    async def record(self, drafts: Sequence[Draft]) -> Mapping[UUID, Recorded]:
        """Writes what is new; a draft whose external id is taken already is absent from the answer.

        Those are looked for first where they name customers, so that a refused draft leaves no trace.
        """
        taken = await self._unchanged([each for each in drafts if each.content.external_id and each.names_someone])
        return await self._write([draft for draft in drafts if draft.id not in taken], statement=KEEP)

    async def add(self, drafts: Sequence[Draft], *, prepared: Prepared | None = None) -> Mapping[UUID, Recorded]:
        """Writes what is all new, a seventh faster than `replace`; raises asyncpg.UniqueViolationError if one is not.

        PostgreSQL then needs no second look at each row for others that might be writing the same.
        """
        return await self._write(drafts, statement=ADD, prepared=prepared)

    async def replace(self, drafts: Sequence[Draft], *, prepared: Prepared | None = None) -> Mapping[UUID, Recorded]:
        """Writes what is new and replaces what differs; each source and external id may be there once at most.

        `prepared` may be the same drafts, made ready while something else was being written.
        """
        recorded = await self._write(drafts, statement=REPLACE, prepared=prepared)
        return recorded | await self._unchanged([draft for draft in drafts if draft.id not in recorded])

    def prepare(self, drafts: Sequence[Draft], told: Sequence[NewEvent] = ()) -> Prepared:
        """What can be made without the database; there must be a draft, and whom they name must be known by now."""
        now = self._batch.now
        expected = {
            draft.id: Recorded(
                id=draft.id, version=1, occurred_at=draft.content.occurred_at or now, created_at=now, is_new=True
            )
            for draft in drafts
        }
        events = event_columns([*told, *(self._event(draft, expected[draft.id]) for draft in drafts)])
        return Prepared((self._batch.workspace_id, now, *_columns(drafts), *events), expected)

    async def _write(
        self, drafts: Sequence[Draft], *, statement: str, prepared: Prepared | None = None
    ) -> dict[UUID, Recorded]:
        if not drafts:
            return {}
        told: list[NewEvent] = []
        if prepared is None:
            told = await self._name_customers(drafts)
            prepared = self.prepare(drafts, told)
        rows = await self._connection.fetch(statement, *prepared.parameters)
        if not rows:
            return prepared.expected
        recorded = self._recorded(drafts, [row for row in rows if row["id"] is not None])
        told += [self._event(draft, recorded[draft.id]) for draft in drafts if draft.id in recorded]
        if told:
            await self._connection.execute(INSERT_EVENTS, *event_columns(told))
        return recorded

    def _recorded(self, drafts: Sequence[Draft], rows: Sequence[Any]) -> dict[UUID, Recorded]:
        """By draft, the rows that were made or replaced."""
        sent = {draft.id for draft in drafts}
        named = {(draft.content.source, draft.content.external_id): draft.id for draft in drafts}
        return {
            row_id if row_id in sent else named[source, external_id]: Recorded(
                id=row_id, version=version, occurred_at=occurred_at, created_at=created_at, is_new=version == 1
            )
            for row_id, version, occurred_at, created_at, source, external_id in rows
        }

    async def _unchanged(self, drafts: Sequence[Draft]) -> dict[UUID, Recorded]:
        if not drafts:
            return {}
        rows = await self._connection.fetch(
            KNOWN_ROWS,
            self._batch.workspace_id,
            [draft.id for draft in drafts],
            [draft.content.source for draft in drafts],
            [draft.content.external_id for draft in drafts],
        )
        return {
            draft_id: Recorded(
                id=row_id, version=version, occurred_at=occurred_at, created_at=created_at, updated_at=updated_at
            )
            for draft_id, row_id, version, occurred_at, created_at, updated_at in rows
        }

    async def _name_customers(self, drafts: Sequence[Draft]) -> list[NewEvent]:
        """Fills in who said it and on whose behalf; answers the events of whom it made or completed."""
        companies = [(draft, _company(draft, draft.content.company)) for draft in drafts if draft.content.company]
        ids, events = await CompanyDirectory(self._connection, self._batch).resolve([named for _, named in companies])
        for (draft, _), company_id in zip(companies, ids, strict=True):
            draft.company_id = company_id
        contacts = [(draft, _contact(draft, draft.content.contact)) for draft in drafts if draft.content.contact]
        authors = [(draft, _author(draft, draft.content.author)) for draft in drafts if draft.content.author]
        people = [named for _, named in (*contacts, *authors)]
        ids, more = await ContactDirectory(self._connection, self._batch).resolve(people)
        for (draft, _), contact_id in zip(contacts, ids, strict=False):
            draft.contact_id = contact_id
        for (draft, _), author_id in zip(authors, ids[len(contacts) :], strict=True):
            draft.author_id = author_id
        return events + more

    def _event(self, draft: Draft, row: Recorded) -> NewEvent:
        return self._batch.event(
            "feedback.recorded" if row.is_new else "feedback.updated",
            subject_type="feedback",
            subject_id=row.id,
            version=row.version,
            data=feedback_facts(
                source=draft.content.source,
                occurred_at=row.occurred_at,
                contact_id=draft.contact_id,
                company_id=draft.company_id,
                channel=draft.content.channel,
                product_area=draft.content.product_area,
                importance=draft.content.importance,
            ),
            traceparent=draft.traceparent,
        )


def feedback_facts(
    *, source: str, occurred_at: datetime, contact_id: UUID | None, company_id: UUID | None, **more: str | int | None
) -> dict[str, Any]:
    """What the feed tells of feedback: never its text; `more` only where it is known."""
    known = {name: value for name, value in more.items() if value is not None}
    return {"source": source, "occurred_at": occurred_at, "contact_id": contact_id, "company_id": company_id, **known}


def _company(draft: Draft, named: CompanyReference) -> Reference:
    return Reference(source=draft.content.source, external_id=named.external_id, handle=named.domain, name=named.name)


def _contact(draft: Draft, named: ContactReference) -> Reference:
    return Reference(
        source=draft.content.source,
        external_id=named.external_id,
        handle=named.email,
        name=named.name,
        company_id=draft.company_id,
    )


def _author(draft: Draft, named: ContactReference) -> Reference:
    """A colleague, most often: nothing is said of the company they belong to."""
    return Reference(source=draft.content.source, external_id=named.external_id, handle=named.email, name=named.name)


def _more(draft: Draft) -> str | None:
    """What most feedback has not, as one document: plain rows then pay nothing for the columns they leave empty."""
    said = draft.content.model_fields_set & MORE
    if not said and draft.author_id is None:
        return None
    more = draft.content.model_dump(include=said, exclude_none=True)
    return msgspec.json.encode(more | {"author_id": draft.author_id}).decode()


def _columns(drafts: Sequence[Draft]) -> tuple[Any, ...]:
    contents = [draft.content for draft in drafts]
    return (
        [draft.id for draft in drafts],
        [content.text for content in contents],
        given([content.title for content in contents]),
        shared([content.source for content in contents]),
        given([content.external_id for content in contents]),
        given([content.occurred_at for content in contents]),
        given([draft.contact_id for draft in drafts]),
        given([draft.company_id for draft in drafts]),
        given([msgspec.json.encode(content.metadata).decode() if content.metadata else None for content in contents]),
        given([_more(draft) for draft in drafts]),
    )
