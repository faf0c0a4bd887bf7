"""The only SQL about the labels of feedback."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, case, func, text

from services.chassis.repository import Repository
from services.requirements.domain.labels import IS_SPAM, VERSIONS, Labels, digest
from services.requirements.models import Understanding

STORE = text(
    """
    INSERT INTO understanding (workspace_id, id, feedback_version, language, language_probability, kind,
                               kind_probability, sentiment, sentiment_probability, spam_probability, spam_status,
                               models, text_digest, version, created_at, updated_at)
    SELECT feedback.workspace_id, feedback.id, new.feedback_version, new.language, new.language_probability, new.kind,
           new.kind_probability, new.sentiment, new.sentiment_probability, new.spam_probability,
           CASE WHEN new.spam_probability >= :spam THEN 'quarantined' ELSE 'clear' END,
           CAST(:models AS jsonb), new.text_digest, 1, :now, :now
    FROM unnest(CAST(:ids AS uuid[]), CAST(:versions AS int[]), CAST(:languages AS text[]),
                CAST(:language_chances AS real[]), CAST(:kinds AS text[]), CAST(:kind_chances AS real[]),
                CAST(:sentiments AS text[]), CAST(:sentiment_chances AS real[]), CAST(:spam_chances AS real[]),
                CAST(:digests AS text[]))
         AS new (id, feedback_version, language, language_probability, kind, kind_probability, sentiment,
                 sentiment_probability, spam_probability, text_digest)
    JOIN feedback ON feedback.workspace_id = :workspace_id AND feedback.id = new.id
                 AND feedback.version = new.feedback_version
    ORDER BY feedback.id
    ON CONFLICT (workspace_id, id) DO UPDATE SET
        feedback_version = excluded.feedback_version, language = excluded.language,
        language_probability = excluded.language_probability, kind = excluded.kind,
        kind_probability = excluded.kind_probability, sentiment = excluded.sentiment,
        sentiment_probability = excluded.sentiment_probability, spam_probability = excluded.spam_probability,
        spam_status = CASE WHEN understanding.spam_status = 'released' THEN 'released' ELSE excluded.spam_status END,
        models = excluded.models, text_digest = excluded.text_digest, version = understanding.version + 1,
        updated_at = excluded.updated_at
    WHERE understanding.feedback_version < excluded.feedback_version
       OR understanding.models IS DISTINCT FROM excluded.models
    RETURNING id, version, language, kind, sentiment, spam_status
    """
)

QUARANTINED = text(
    "SELECT id FROM understanding WHERE workspace_id = :workspace_id AND id = ANY (:ids) "
    "AND spam_status = 'quarantined'"
)


class UnderstandingRepository(Repository[Understanding]):
    """The labels of one workspace's feedback."""

    model: ClassVar[Any] = Understanding

    def matching(self, wanted: Mapping[str, Any]) -> Select[Understanding]:
        """Labels count as people corrected them."""
        query = self.rows()
        for name in ("language", "kind", "sentiment"):
            if wanted.get(name) is not None:
                query = query.where(in_force(name) == wanted[name])
        for name in ("spam_status", "text_digest"):
            if wanted.get(name) is not None:
                query = query.where(getattr(Understanding, name) == wanted[name])
        if wanted.get("is_corrected") is not None:
            query = query.where(Understanding.corrected_at.is_not(None) == wanted["is_corrected"])
        return query

    async def store(self, read: Sequence[tuple[UUID, int, str, Labels]], *, now: Any) -> Sequence[Any]:
        """Keeps (feedback, its version, text, labels) where they are news; answers what changed."""
        if not read:
            return []
        labels = [each for *_, each in read]
        parameters = {
            "workspace_id": self.workspace_id,
            "now": now,
            "spam": IS_SPAM,
            "models": msgspec.json.encode(VERSIONS).decode(),
            "ids": [row[0] for row in read],
            "versions": [row[1] for row in read],
            "digests": [digest(row[2]) for row in read],
            "languages": [each.language for each in labels],
            "language_chances": [each.language_probability for each in labels],
            "kinds": [each.kind for each in labels],
            "kind_chances": [each.kind_probability for each in labels],
            "sentiments": [each.sentiment for each in labels],
            "sentiment_chances": [each.sentiment_probability for each in labels],
            "spam_chances": [each.spam_probability for each in labels],
        }
        return (await self.session.execute(STORE, parameters)).all()

    async def quarantined(self, feedback_ids: Sequence[UUID]) -> set[UUID]:
        """Those of them that wait for a person."""
        parameters = {"workspace_id": self.workspace_id, "ids": list(feedback_ids)}
        return set((await self.session.scalars(QUARANTINED, parameters)).all())


def in_force(name: str) -> ColumnElement[Any]:
    """What a person says of the label, or else what the model says."""
    column: ColumnElement[Any] = getattr(Understanding, name)
    said = func.jsonb_extract_path_text(Understanding.corrected, name)
    chosen: ColumnElement[Any] = case((said.is_not(None), said), else_=column)
    return chosen
