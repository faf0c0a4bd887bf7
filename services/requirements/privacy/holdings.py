"""The personal data of the requirements service, table by table.

A contact's row stays as a stone without a name, so that counts, themes and decisions keep their ground; a sentence
becomes `[erased]`, and so does every quote from it, which then still stands in its feedback where it says.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.privacy.holdings import DataSubject, PersonalData
from services.chassis.privacy.infrastructure import IMPERSONAL, AuditPayloads, KeptAnswers
from services.chassis.unit_of_work import UnitOfWork
from services.requirements.models import (
    Contact,
    ContactAlias,
    EmailMessage,
    Evidence,
    Feedback,
    FeedbackEmbedding,
    Finding,
    FindingQuote,
    FollowUp,
    ImportPart,
    KanoAnswer,
    Theme,
    ThemeMember,
    Understanding,
)
from services.requirements.similarity.privacy import Derived

ERASED = "[erased]"


async def data_subject(session: AsyncSession, contact: Contact) -> DataSubject:
    """The contact with whoever was merged with them, all that they said, and all that was quoted from it."""
    people = await _same_person(session, contact)
    people_ids = [each.id for each in people]
    mine = Feedback.workspace_id == contact.workspace_id, Feedback.contact_id.in_(people_ids)
    feedback = (await session.scalars(select(Feedback.id).where(*mine).order_by(Feedback.id))).all()
    quotes = await session.scalars(
        select(Evidence.id)
        .where(Evidence.workspace_id == contact.workspace_id, Evidence.feedback_id.in_(feedback))
        .order_by(Evidence.id)
    )
    others = [each for each in people_ids if each != contact.id]
    emails = {name for each in people for name in (each.email, *each.other_emails) if name}
    return DataSubject(contact_id=contact.id, emails=sorted(emails), ids=[*others, *feedback, *quotes])


async def _same_person(session: AsyncSession, contact: Contact) -> Sequence[Contact]:
    """Every row that stands for this person: the one that was kept, and those that were merged into it."""
    kept_id = contact.merged_into_id or contact.id
    same = or_(Contact.id == kept_id, Contact.merged_into_id == kept_id)
    query = select(Contact).where(Contact.workspace_id == contact.workspace_id, same).order_by(Contact.id)
    return (await session.scalars(query)).all()


class Contacts:
    """Who they are, by all their names."""

    covers: ClassVar[Mapping[str, Sequence[str]]] = {
        "contact": ("name", "email", "external_id", "metadata"),
        "contact_alias": ("value",),
    }

    async def export(self, session: AsyncSession, subject: DataSubject) -> Mapping[str, list[dict[str, Any]]]:
        mine = ContactAlias.workspace_id == session.info["workspace_id"], ContactAlias.contact_id.in_(subject.all_ids)
        aliases = await session.execute(
            select(*ContactAlias.__table__.columns).where(*mine).order_by(ContactAlias.value)
        )
        return {
            "contact": await _rows(session, Contact, Contact.id.in_(subject.all_ids)),
            "contact_alias": [{**row} for row in aliases.mappings()],
        }

    async def erase(self, work: UnitOfWork, subject: DataSubject) -> Mapping[str, int]:
        workspace_id = work.principal.workspace
        erased = (
            update(Contact)
            .where(Contact.workspace_id == workspace_id, Contact.id.in_(subject.all_ids))
            .values(name=None, email=None, external_id=None, source=ERASED, attributes={}, **_changed(work, Contact))
        )
        gone = await work.session.execute(
            delete(ContactAlias).where(
                ContactAlias.workspace_id == workspace_id, ContactAlias.contact_id.in_(subject.all_ids)
            )
        )
        return {
            "contact": await _erase(work, Contact, erased),
            "contact_alias": int(getattr(gone, "rowcount", 0)),
        }


class Words:
    """What they said, what it means, and what was quoted from it."""

    covers: ClassVar[Mapping[str, Sequence[str]]] = {
        "feedback": (
            "text",
            "title",
            "external_id",
            "source_url",
            "attachments",
            "custom_fields",
            "consent",
            "metadata",
            "search",
        ),
        "feedback_embedding": ("embedding",),
        "theme_member": (),
        "theme_pin": (),
        "understanding": ("text_digest",),
        "theme": ("name", "words", "centre"),
        "evidence": ("quote",),
    }

    async def export(self, session: AsyncSession, subject: DataSubject) -> Mapping[str, list[dict[str, Any]]]:
        return {
            "feedback": await _rows(session, Feedback, Feedback.contact_id.in_(subject.all_ids)),
            "evidence": await _rows(session, Evidence, Evidence.id.in_(subject.ids)),
        }

    async def erase(self, work: UnitOfWork, subject: DataSubject) -> Mapping[str, int]:
        """Rows are taken in the order of their ids, as intake takes them."""
        workspace_id = work.principal.workspace
        mine = (
            select(Feedback.id)
            .where(Feedback.workspace_id == workspace_id, Feedback.contact_id.in_(subject.all_ids))
            .order_by(Feedback.id)
            .with_for_update()
        )
        ids = (await work.session.scalars(mine)).all()
        words = (
            update(Feedback)
            .where(Feedback.workspace_id == workspace_id, Feedback.id.in_(ids))
            .values(
                text=ERASED,
                title=None,
                external_id=None,
                source_url=None,
                attachments=[],
                custom_fields={},
                consent=None,
                attributes={},
                **_changed(work, Feedback),
            )
        )
        quotes = (
            update(Evidence)
            .where(Evidence.workspace_id == workspace_id, Evidence.feedback_id.in_(ids))
            .values(quote=ERASED, start_offset=0, end_offset=len(ERASED), **_changed(work, Evidence))
        )
        themes = (
            update(Theme)
            .where(Theme.workspace_id == workspace_id, Theme.quoted_feedback_id.in_(ids))
            .values(quoted_feedback_id=None, **_changed(work, Theme))
        )
        touched = {
            "feedback": await _erase(work, Feedback, words),
            "evidence": await _erase(work, Evidence, quotes),
            "theme": await _erase(work, Theme, themes, told_as="changed"),
        }
        for model, column in (
            (FeedbackEmbedding, FeedbackEmbedding.feedback_id),
            (ThemeMember, ThemeMember.feedback_id),
            (Understanding, Understanding.id),
        ):
            gone = await work.session.execute(delete(model).where(model.workspace_id == workspace_id, column.in_(ids)))
            touched[model.__tablename__] = int(getattr(gone, "rowcount", 0))
        return touched


class FollowUps:
    """What they were told; that they were told stays on record, without the words."""

    covers: ClassVar[Mapping[str, Sequence[str]]] = {"follow_up": ("quote", "subject", "body")}

    async def export(self, session: AsyncSession, subject: DataSubject) -> Mapping[str, list[dict[str, Any]]]:
        return {"follow_up": await _rows(session, FollowUp, FollowUp.contact_id.in_(subject.all_ids))}

    async def erase(self, work: UnitOfWork, subject: DataSubject) -> Mapping[str, int]:
        erased = (
            update(FollowUp)
            .where(FollowUp.workspace_id == work.principal.workspace, FollowUp.contact_id.in_(subject.all_ids))
            .values(quote=ERASED, subject=ERASED, body=ERASED, **_changed(work, FollowUp))
        )
        return {"follow_up": await _erase(work, FollowUp, erased)}


class FindingQuotes:
    """What findings of studies quote of them."""

    covers: ClassVar[Mapping[str, Sequence[str]]] = {"finding_quote": ("quote",)}

    async def export(self, session: AsyncSession, subject: DataSubject) -> Mapping[str, list[dict[str, Any]]]:
        mine = FindingQuote.workspace_id == session.info["workspace_id"], FindingQuote.feedback_id.in_(subject.ids)
        query = select(*FindingQuote.__table__.columns).where(*mine).order_by(FindingQuote.finding_id)
        return {"finding_quote": [{**row} for row in (await session.execute(query)).mappings()]}

    async def erase(self, work: UnitOfWork, subject: DataSubject) -> Mapping[str, int]:
        """The finding changes with its quotes, and tells so."""
        workspace_id = work.principal.workspace
        mine = FindingQuote.workspace_id == workspace_id, FindingQuote.feedback_id.in_(subject.ids)
        erased = await work.session.execute(
            update(FindingQuote)
            .where(*mine, FindingQuote.quote != ERASED)
            .values(quote=ERASED, start_offset=0, end_offset=len(ERASED))
            .returning(FindingQuote.finding_id)
        )
        finding_ids = sorted(set(erased.scalars().all()))
        findings = (
            update(Finding)
            .where(Finding.workspace_id == workspace_id, Finding.id.in_(finding_ids))
            .values(**_changed(work, Finding))
        )
        return {"finding_quote": await _erase(work, Finding, findings, told_as="updated")}


class KanoAnswers:
    """What they answered to Kano's questions; the answers count on, but nobody knows any more whose they are."""

    covers: ClassVar[Mapping[str, Sequence[str]]] = {"kano_answer": ("functional", "dysfunctional")}

    async def export(self, session: AsyncSession, subject: DataSubject) -> Mapping[str, list[dict[str, Any]]]:
        return {"kano_answer": await _rows(session, KanoAnswer, KanoAnswer.contact_id.in_(subject.all_ids))}

    async def erase(self, work: UnitOfWork, subject: DataSubject) -> Mapping[str, int]:
        unlinked = (
            update(KanoAnswer)
            .where(KanoAnswer.workspace_id == work.principal.workspace, KanoAnswer.contact_id.in_(subject.all_ids))
            .values(contact_id=None, **_changed(work, KanoAnswer))
        )
        return {"kano_answer": await _erase(work, KanoAnswer, unlinked)}


class Files:
    """Files that wait to be imported, and which message belongs to which thread.

    Nobody can say whom a file names before it is read: all of them go, and whoever sent them sends them again.
    """

    covers: ClassVar[Mapping[str, Sequence[str]]] = {
        "import_part": ("content",),
        "email_message": ("message_id",),
    }

    async def export(self, session: AsyncSession, subject: DataSubject) -> Mapping[str, list[dict[str, Any]]]:
        mine = EmailMessage.workspace_id == session.info["workspace_id"], EmailMessage.feedback_id.in_(subject.ids)
        query = select(*EmailMessage.__table__.columns).where(*mine).order_by(EmailMessage.message_id)
        return {"email_message": [{**row} for row in (await session.execute(query)).mappings()]}

    async def erase(self, work: UnitOfWork, subject: DataSubject) -> Mapping[str, int]:
        workspace_id = work.principal.workspace
        parts = await work.session.execute(delete(ImportPart).where(ImportPart.workspace_id == workspace_id))
        messages = await work.session.execute(
            delete(EmailMessage).where(
                EmailMessage.workspace_id == workspace_id, EmailMessage.feedback_id.in_(subject.ids)
            )
        )
        return {
            "import_part": int(getattr(parts, "rowcount", 0)),
            "email_message": int(getattr(messages, "rowcount", 0)),
        }


PERSONAL = PersonalData(
    holdings=(
        Words(),
        Derived(),
        Contacts(),
        KanoAnswers(),
        FollowUps(),
        FindingQuotes(),
        Files(),
        KeptAnswers(),
        AuditPayloads(),
    ),
    impersonal={
        **IMPERSONAL,
        "company_alias": "the names of an organisation, not of a person",
        "company_revenue": "what an organisation pays",
        "contact_alias.kind": "address or id",
        "contact_alias.source": "the system that the id is from",
        "customer_merge": "ids, and the names of fields",
        "customer_merge_item": "ids, and the names of columns",
        "study": "the planners' words about research",
        "finding": "the planners' words about what was found",
        "intake_form": "what a form asks",
        "feedback_import": "how a file is read, and counts",
        "import_record": "what became of a record, never what stood in it",
        "feedback_standing": "ids and amounts",
        "segment": "the planners' words about a kind of customer",
        "custom_field": "what a workspace calls its fields",
        "company": "an organisation, not a person",
        "requirement_revision": "the planners' words about a problem",
        "requirement_relation": "the planners' words about a problem",
        "requirement_comment": "what members of the team say to one another",
        "requirement": "the planners' words about a problem",
        **{
            f"follow_up.{column}": "whether and how something was told, and what the measurement said"
            for column in ("event", "verdict", "state", "reason", "channel")
        },
        "follow_up_template": "the planners' words, with gaps where others are filled in",
        "calibration_proposal": "numbers and the planners' words",
        "theme_merge": "ids and the planners' words",
        "feasibility_judgement": "what experts of the team judge, under the names that the team gives them",
        "personal_estimate": "what members of the team estimate, under the names that the team gives them",
        "prioritization": "numbers and the planners' words",
        "ranked_requirement": "numbers and the planners' words",
        "feature_link": "ids and states",
        "outcome_link": "ids and verdicts",
        "contact.source": "the system that the contact came from",
        "feedback.source": "the system that the words came from",
        "feedback.channel": "the way that the words came",
        "feedback.product_area": "a part of the product",
        "feedback_embedding.model": "the model's name",
        "workspace_calibrator": "weights",
        "merge": "the planners' words and ids",
        "requirement_meaning.model": "the model's name",
        "understanding.language": "the name of a language",
        "understanding.kind": "one of four kinds",
        "understanding.sentiment": "one of three moods",
        "understanding.spam_status": "a state",
        "understanding.models": "names of models",
        "understanding.corrected": "languages, kinds and moods",
        "understanding.corrected_by": "the id of the key or person that corrected",
        "suggestion.status": "a state",
        "suggestion.calibrator": "the name of some weights",
        "suggestion.decided_by": "the id of the key or person that decided",
        "evidence.judged_by": "the id of the key or person that judged",
    },
)


def _changed(work: UnitOfWork, model: Any) -> dict[str, Any]:
    return {"version": model.version + 1, "updated_at": work.clock.now()}


async def _erase(work: UnitOfWork, model: Any, statement: Any, *, told_as: str = "erased") -> int:
    """Run the change, and tell those who keep copies."""
    rows = (await work.session.execute(statement.returning(model.id, model.version))).all()
    kind = model.__tablename__
    await work.events.append_all(
        [
            work.events.new(f"{kind}.{told_as}", subject_type=kind, subject_id=row.id, version=row.version)
            for row in rows
        ]
    )
    return len(rows)


async def _rows(session: AsyncSession, model: Any, condition: Any) -> list[dict[str, Any]]:
    columns = [column for column in model.__table__.columns if column.name != "search"]
    query = select(*columns).where(model.workspace_id == session.info["workspace_id"], condition).order_by(model.id)
    return [{**row} for row in (await session.execute(query)).mappings()]
