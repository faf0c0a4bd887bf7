"""What callers send and see of Kano answers."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.chassis.types import Body, Reading, Resource
from services.requirements.domain.kano import HIGHEST_IMPORTANCE, Answer, Quality

Importance = Annotated[int, Field(strict=True, ge=1, le=HIGHEST_IMPORTANCE)]


class KanoAnswerCreate(Body):
    """How somebody would feel."""

    functional: Answer = Field(description="How would you feel if we had it?")
    dysfunctional: Answer = Field(description="How would you feel if we did not have it?")
    importance: Importance | None = Field(
        default=None, description="How important it is to them, in their own words from 1 (not at all) to 9."
    )
    contact_id: UUID | None = Field(default=None, description="Who answered; each contact answers once.")


class KanoAnswerRead(Resource):
    """How somebody would feel with it and without it."""

    requirement_id: UUID
    contact_id: UUID | None
    functional: Answer
    dysfunctional: Answer
    importance: int | None
    quality: Quality = Field(description="What the pair of answers says, by Kano's evaluation table.")


class KanoCoefficientRead(Reading):
    """A coefficient with what another sample of such people might say."""

    likely: float
    low: float = Field(description="With high: holds 90 % (Bayesian bootstrap over the respondents).")
    high: float


class KanoRead(Reading):
    """What the answers together make of a requirement."""

    requirement_id: UUID
    answers: int
    counts: dict[Quality, int]
    category: Quality | None = Field(description="What most say; of equals the more demanding. Null without answers.")
    better: KanoCoefficientRead | None = Field(
        description="How much satisfaction it brings: (A + O) / (A + O + M + I)."
    )
    worse: KanoCoefficientRead | None = Field(
        description="How much dissatisfaction it spares: (O + M) / (A + O + M + I)."
    )
    importance: KanoCoefficientRead | None = Field(description="Self-stated importance, as a share of the highest.")
