"""HTTP for Kano answers."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.requirements.kano.schemas import KanoAnswerCreate, KanoAnswerRead, KanoRead
from services.requirements.kano.service import KanoService, read_answer
from services.requirements.models import KanoAnswer

router = Router(prefix="/v1/requirements/{requirement_id}", tags=["Prioritization"])
Kano = Annotated[KanoService, Depends(KanoService)]


@router.post(
    "/kano-answers",
    scope="requirements:write",
    example={"functional": "like", "dysfunctional": "dislike", "importance": 8},
)
async def create_kano_answer(requirement_id: UUID, new: KanoAnswerCreate, kano: Kano) -> Created[KanoAnswerRead]:
    """Record how somebody would feel with it, and without it.

    The two questions of Kano's survey, each answered with like, expect, neutral, tolerate or dislike.
    """
    return created(read_answer(await kano.create(requirement_id, new)))


@router.get("/kano-answers", scope="requirements:read")
async def list_kano_answers(requirement_id: UUID, kano: Kano, page: Paging) -> Page[KanoAnswerRead]:
    """List the answers about a requirement, newest first."""
    await kano.requirements.get(requirement_id)
    return await list_page(
        kano.work,
        kano.answers.of(requirement_id),
        page,
        model=KanoAnswer,
        subject_type="kano_answer",
        read=read_answer,
        filters={"requirement_id": requirement_id},
    )


@router.get("/kano-answers/{answer_id}", scope="requirements:read")
async def get_kano_answer(requirement_id: UUID, answer_id: UUID, kano: Kano) -> KanoAnswerRead:
    """Read an answer."""
    return read_answer(await kano.answers.get_of(requirement_id, answer_id))


@router.delete("/kano-answers/{answer_id}", scope="requirements:write")
async def delete_kano_answer(requirement_id: UUID, answer_id: UUID, kano: Kano, if_match: IfMatch) -> None:
    """Take an answer away."""
    await kano.remove(requirement_id, answer_id, if_match=if_match)


@router.get("/kano", scope="requirements:read")
async def get_kano(requirement_id: UUID, kano: Kano) -> KanoRead:
    """Read what kind of quality a requirement is.

    Must-be, one-dimensional, attractive or indifferent, by what most people answered; the better and worse coefficients
    say how much satisfaction it brings and how much dissatisfaction it spares, each with its interval.
    """
    return await kano.evaluate(requirement_id)
