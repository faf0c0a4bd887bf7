"""The personal data of the requirements service, table by table.

A contact's row stays as a stone without a name, so that counts, themes and decisions keep their ground; a sentence
becomes `[erased]`, and so does every quote from it, which then still stands in its feedback where it says.
"""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.privacy.holdings import DataSubject, PersonalData
from services.chassis.privacy.infrastructure import IMPERSONAL, AuditPayloads, KeptAnswers
from services.requirements.models import Contact, Evidence, Feedback
from services.requirements.privacy.contacts import Contacts
from services.requirements.privacy.files import Files
from services.requirements.privacy.findings import FindingQuotes
from services.requirements.privacy.follow_ups import FollowUps
from services.requirements.privacy.kano_answers import KanoAnswers
from services.requirements.privacy.words import Words
from services.requirements.similarity.privacy import Derived


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
