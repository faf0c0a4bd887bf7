"""HTTP for forms and votes."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.identity import FORM_SCOPE
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.requirements.forms.schemas import (
    FormSubmissionCreate,
    FormVoteCreate,
    IntakeFormCreate,
    IntakeFormRead,
    IntakeFormUpdate,
    Thanks,
    VoteCreate,
    VoteRead,
)
from services.requirements.forms.service import FormService
from services.requirements.models import IntakeForm, Vote

WISHES = {
    "name": "What do you miss?",
    "questions": [
        {"name": "wish", "label": "What do you miss?", "asks": "text", "is_required": True},
        {"name": "mail", "label": "Where can we tell you?", "asks": "email"},
        {"name": "team", "label": "Your team", "asks": "choice", "choices": ["small", "large"]},
    ],
    "channel": "community",
    "consent_wording": "You may tell me what comes of it.",
    "consent_purposes": ["follow_up"],
    "allowed_origins": ["https://www.example.com"],
}
A_WISH = {"answers": {"wish": "Dark mode, please.", "mail": "ada@example.com"}, "has_consented": True}
THEIR_VOTE = {
    "requirement_id": "019c0d8e-7f2a-7c61-9d35-0b2f4c1a8e77",
    "email": "ada@example.com",
    "has_consented": True,
}
A_VOTE = {"requirement_id": "019c0d8e-7f2a-7c61-9d35-0b2f4c1a8e77", "contact": {"email": "ada@example.com"}}

router = Router(prefix="/v1/forms", tags=["Forms"])
votes = Router(prefix="/v1/votes", tags=["Votes"])
Forms = Annotated[FormService, Depends(FormService)]
OriginHeader = Annotated[str, Header(alias="Origin", max_length=300, description="The page, as a browser says it.")]


@router.post(scope="requirements:write", example=WISHES)
async def create_form(new: IntakeFormCreate, forms: Forms) -> Created[IntakeFormRead]:
    """Make a form for a web page.

    Say what it asks, what visitors must agree to, from which pages it may be sent and how often. The page sends it with
    a form key (`fc_pub_...`), which can do nothing else.
    """
    return created(IntakeFormRead.model_validate(await forms.create(new)))


@router.get(scope="requirements:read")
async def list_forms(forms: Forms, page: Paging) -> Page[IntakeFormRead]:
    """List forms, newest first."""
    return await list_page(
        forms.work,
        forms.forms.rows(),
        page,
        model=IntakeForm,
        subject_type="intake_form",
        read=IntakeFormRead.model_validate,
    )


@router.get("/{form_id}", scope="requirements:read")
async def get_form(form_id: UUID, forms: Forms) -> IntakeFormRead:
    """Read a form."""
    return IntakeFormRead.model_validate(await forms.forms.get(form_id))


@router.patch("/{form_id}", scope="requirements:write", example={"is_open": False})
async def update_form(form_id: UUID, change: IntakeFormUpdate, forms: Forms, if_match: IfMatch) -> IntakeFormRead:
    """Change a form, or close it."""
    return IntakeFormRead.model_validate(await forms.update(form_id, change, if_match=if_match))


@router.delete("/{form_id}", scope="requirements:write")
async def delete_form(form_id: UUID, forms: Forms, if_match: IfMatch) -> None:
    """Remove a form; what came through it stays."""
    await forms.delete(form_id, if_match=if_match)


@router.post("/{form_id}/submissions", scope=FORM_SCOPE, status=201, example=A_WISH)
async def submit_form(form_id: UUID, new: FormSubmissionCreate, forms: Forms, origin: OriginHeader = "") -> Thanks:
    """Send a form.

    With a form key, from one of the form's pages. The answers become feedback. Whatever fills in `website`, which
    people do not see, is thanked and forgotten. Too much in a minute is answered with 429.
    """
    return await forms.submit(form_id, new, origin=origin)


@router.post("/{form_id}/votes", scope=FORM_SCOPE, status=201, example=THEIR_VOTE)
async def vote_form(form_id: UUID, new: FormVoteCreate, forms: Forms, origin: OriginHeader = "") -> Thanks:
    """Vote through a form.

    For one of the requirements and themes that the form names. The same address votes once for each.
    """
    return await forms.vote_through(form_id, new, origin=origin)


@votes.post(scope="feedback:write", status=201, example=A_VOTE)
async def create_vote(new: VoteCreate, forms: Forms) -> Created[VoteRead]:
    """Record a vote.

    For a requirement or a theme, by a contact, who is made where there is none yet. A second vote by the same contact
    for the same thing is the first one.
    """
    vote, _ = await forms.vote(new, new.contact)
    return created(VoteRead.model_validate(vote))


@votes.get(scope="feedback:read")
async def list_votes(
    forms: Forms,
    page: Paging,
    *,
    requirement_id: Annotated[UUID | None, Query(description="Only votes for this requirement.")] = None,
    theme_id: Annotated[UUID | None, Query(description="Only votes for this theme.")] = None,
    contact_id: Annotated[UUID | None, Query(description="Only votes by this contact.")] = None,
) -> Page[VoteRead]:
    """List votes, newest first; with `count=exact` also how many."""
    filters = {"requirement_id": requirement_id, "theme_id": theme_id, "contact_id": contact_id}
    return await list_page(
        forms.work,
        forms.votes.matching(**filters),
        page,
        model=Vote,
        subject_type="vote",
        read=VoteRead.model_validate,
        filters=filters,
    )


@votes.get("/{vote_id}", scope="feedback:read")
async def get_vote(vote_id: UUID, forms: Forms) -> VoteRead:
    """Read a vote."""
    return VoteRead.model_validate(await forms.votes.get(vote_id))


@votes.delete("/{vote_id}", scope="feedback:write")
async def delete_vote(vote_id: UUID, forms: Forms, if_match: IfMatch) -> None:
    """Withdraw a vote."""
    await forms.withdraw(vote_id, if_match=if_match)
