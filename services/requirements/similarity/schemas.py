"""What callers send and see of what is asked for already."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.chassis.types import Body, LongText, Reading, Remark, Resource, Timestamp
from services.requirements.backlog.schemas import Strength

Probability = Annotated[float, Field(ge=0, le=1, description="That a person would agree; see `calibrator`.")]
Status = Literal["open", "accepted", "dismissed"]


class SimilarityQuestion(Body):
    """A text that may say what others have said."""

    text: LongText = Field(description="In the words of whoever asks; up to 100,000 characters, the first count most.")
    limit: Annotated[int, Field(strict=True, ge=1, le=50)] = Field(default=10, description="How many of each kind.")


class LikenessRead(Reading):
    """How much it says the same, part by part."""

    best: float = Field(description="The cosine to the nearest text.")
    centre: float = Field(description="The cosine to the mean of all texts.")
    words: float = Field(description="The share of its words that occur there too, weighed by how rare they are.")
    score: float = Field(description=".4 best + .4 centre + .2 words; of a single text .4 best + .6 words.")


class SimilarRequirement(Reading):
    """A requirement that may be what is asked for."""

    requirement_id: UUID
    title: str
    probability: Probability
    likeness: LikenessRead
    nearest_feedback_id: UUID | None = Field(
        description="The quoted feedback that is nearest; null: its own words are."
    )


class SimilarTheme(Reading):
    """A theme that it may belong to."""

    theme_id: UUID
    name: str
    size: int
    probability: Probability
    likeness: LikenessRead


class SimilarPiece(Reading):
    """Feedback that says something alike."""

    feedback_id: UUID
    text: str
    theme_id: UUID | None
    similarity: float = Field(description="The cosine of the two meanings, from -1 to 1.")
    words: float = Field(description="The share of its words that occur there too, weighed by how rare they are.")


class SimilarityAnswer(Reading):
    """What is asked for already, the most likely first."""

    requirements: list[SimilarRequirement]
    themes: list[SimilarTheme]
    feedback: list[SimilarPiece]
    calibrator: str = Field(description="Which weights made the probabilities: those shipped, or the workspace's own.")


class SuggestionCreate(Body):
    """That a piece of feedback asks for a requirement."""

    feedback_id: UUID
    requirement_id: UUID


class SuggestionRead(Resource):
    """That a piece of feedback asks for a requirement; nothing happens until a person decides."""

    feedback_id: UUID
    requirement_id: UUID
    status: Status
    probability: Probability | None = Field(description="Null when a person suggested it before its meaning was known.")
    best: float | None
    centre: float | None
    words: float | None
    calibrator: str | None
    evidence_id: UUID | None = Field(description="Once accepted: the quote that the requirement now rests on.")
    decided_by: str | None
    decided_at: Timestamp | None
    reason: str | None


class SuggestionAccept(Body):
    """How the feedback supports the requirement."""

    quote: Annotated[str, Field(min_length=1, max_length=5_000)] | None = Field(
        default=None, description="The words to quote, as they stand there; its beginning unless you say."
    )
    start: Annotated[int, Field(strict=True, ge=0, le=100_000)] | None = Field(
        default=None, description="The offset of the quote, where its words stand there twice."
    )
    strength: Strength = 2


class SuggestionDismiss(Body):
    """Why it is something else."""

    reason: Remark | None = None


class MergeCreate(Body):
    """Two requirements that ask the same."""

    requirement_id: UUID = Field(description="The one that stays.")
    merged_requirement_id: UUID = Field(description="The one whose quotes move to it.")
    reason: Remark | None = None


class MergeRead(Resource):
    """What was merged into what, and whether it was undone."""

    requirement_id: UUID = Field(validation_alias="kept_id")
    merged_requirement_id: UUID = Field(validation_alias="merged_id")
    moved_evidence_ids: list[UUID]
    reason: str | None
    merged_by: str
    undone_at: Timestamp | None
    undone_by: str | None


class CalibratorRead(Reading):
    """Where the probabilities come from."""

    name: str
    weights: list[float] = Field(description="Of best, words, centre, lead over the next, and crowding, in this order.")
    intercept: float
    decisions: int = Field(description="How many of this workspace's decisions it was fitted to; 0: as shipped.")
    fitted_at: Timestamp | None
