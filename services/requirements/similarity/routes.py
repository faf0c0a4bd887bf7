"""HTTP for what is asked for already."""

from collections.abc import Sequence
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import Depends, Query, Request

from services.chassis.answers import Created, created
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.requirements.models import Merge, Suggestion
from services.requirements.similarity.candidates import READ_CHARACTERS, Asked
from services.requirements.similarity.merging import MergeService
from services.requirements.similarity.schemas import (
    CalibratorRead,
    LikenessRead,
    MergeCreate,
    MergeRead,
    SimilarityAnswer,
    SimilarityQuestion,
    SimilarPiece,
    SimilarRequirement,
    SimilarTheme,
    Status,
    SuggestionAccept,
    SuggestionCreate,
    SuggestionDismiss,
    SuggestionRead,
)
from services.requirements.similarity.service import Judged, SimilarityService
from services.requirements.themes.embeddings import written
from services.requirements.themes.meaning import Embedder

SOME_FEEDBACK = "01983a7c-1f3e-7b1d-8a44-6f1f0f4f9b11"
SOME_REQUIREMENT = "01983a7c-1f3e-7b1d-8a44-6f1f0f4f9b12"
OTHER_REQUIREMENT = "01983a7c-1f3e-7b1d-8a44-6f1f0f4f9b13"

asking = Router(prefix="/v1/feedback", tags=["Suggestions"])
likeness = Router(prefix="/v1/requirements", tags=["Suggestions"])
suggestions = Router(prefix="/v1/suggestions", tags=["Suggestions"])
calibrators = Router(prefix="/v1/suggestion-calibrator", tags=["Suggestions"])
merges = Router(prefix="/v1/merges", tags=["Suggestions"])


async def _embedder(request: Request) -> Embedder:
    return cast("Embedder", request.app.state.embedder)


Similarity = Annotated[SimilarityService, Depends(SimilarityService)]
Merging = Annotated[MergeService, Depends(MergeService)]
Meanings = Annotated[Embedder, Depends(_embedder)]


@asking.post("/similar", scope="feedback:read", example={"text": "The export to CSV stops every Monday", "limit": 5})
async def find_similar(question: SimilarityQuestion, similarity: Similarity, meanings: Meanings) -> SimilarityAnswer:
    """Ask whether something is asked for already.

    Answers requirements, themes and pieces of feedback that say the same, by meaning and by rare words, the most likely
    first. Each requirement and theme carries the probability that a person would agree, and the parts that it comes
    from. Nothing is stored and nothing is changed.
    """
    (vector,) = await meanings.vectors([question.text[:READ_CHARACTERS]])
    found = await similarity.find(Asked(question.text, written(vector)), limit=question.limit)
    return SimilarityAnswer(
        requirements=_requirements(found.requirements),
        themes=[
            SimilarTheme(theme_id=each.candidate.id, name=each.candidate.name, size=each.candidate.size, **_parts(each))
            for each in found.themes
        ],
        feedback=[SimilarPiece.model_validate(each) for each in found.feedback],
        calibrator=found.calibrator,
    )


@likeness.get("/{requirement_id}/similar", scope="requirements:read")
async def list_requirement_similar(
    requirement_id: UUID,
    similarity: Similarity,
    limit: Annotated[int, Query(ge=1, le=50, description="How many at most.")] = 10,
) -> list[SimilarRequirement]:
    """Find requirements that may ask the same, the most likely first.

    To make one of two, merge them; a merge can be undone.
    """
    return _requirements(await similarity.like_requirement(requirement_id, limit=limit))


@suggestions.post(scope="feedback:write", example={"feedback_id": SOME_FEEDBACK, "requirement_id": SOME_REQUIREMENT})
async def create_suggestion(new: SuggestionCreate, similarity: Similarity) -> Created[SuggestionRead]:
    """Suggest that a piece of feedback asks for a requirement.

    New feedback is held against all requirements by itself, and what is more likely than not is suggested; this is for
    what you know better. Nothing changes until somebody accepts it.
    """
    return created(await similarity.propose(new))


@suggestions.get(scope="requirements:read")
async def list_suggestions(
    similarity: Similarity,
    page: Paging,
    status: Annotated[Status | None, Query(description="Only open, accepted or dismissed ones.")] = None,
    feedback_id: Annotated[UUID | None, Query(description="Only of this feedback.")] = None,
    requirement_id: Annotated[UUID | None, Query(description="Only for this requirement.")] = None,
) -> Page[SuggestionRead]:
    """List suggestions, newest first."""
    filters: dict[str, Any] = {"status": status, "feedback_id": feedback_id, "requirement_id": requirement_id}
    return await list_page(
        similarity.work,
        similarity.suggestions.matching(**filters),
        page,
        model=Suggestion,
        subject_type="suggestion",
        read=SuggestionRead.model_validate,
        filters=filters,
    )


@suggestions.get("/{suggestion_id}", scope="requirements:read")
async def get_suggestion(suggestion_id: UUID, similarity: Similarity) -> SuggestionRead:
    """Read a suggestion."""
    return SuggestionRead.model_validate(await similarity.suggestions.get(suggestion_id))


@suggestions.post("/{suggestion_id}/accept", scope="requirements:write", example={"strength": 2})
async def accept_suggestion(suggestion_id: UUID, how: SuggestionAccept, similarity: Similarity) -> SuggestionRead:
    """Accept a suggestion.

    The requirement then quotes the feedback as evidence. A suggestion that was decided on already is answered with 409.
    """
    return SuggestionRead.model_validate(await similarity.accept(suggestion_id, how))


@suggestions.post(
    "/{suggestion_id}/dismiss", scope="requirements:write", example={"reason": "They mean the other export."}
)
async def dismiss_suggestion(suggestion_id: UUID, why: SuggestionDismiss, similarity: Similarity) -> SuggestionRead:
    """Dismiss a suggestion: it will not be made again."""
    return SuggestionRead.model_validate(await similarity.dismiss(suggestion_id, why))


@suggestions.post("/{suggestion_id}/reopen", scope="requirements:write")
async def reopen_suggestion(suggestion_id: UUID, similarity: Similarity) -> SuggestionRead:
    """Take a decision back.

    Everything is as before: evidence that came of accepting it is taken away.
    """
    return SuggestionRead.model_validate(await similarity.reopen(suggestion_id))


@calibrators.get(scope="requirements:read")
async def get_suggestion_calibrator(similarity: Similarity) -> CalibratorRead:
    """Read where the probabilities come from.

    Weights are shipped with the software; from fifty decisions on, ten of either kind, the workspace has its own.
    """
    row = await similarity.calibrators.row()
    calibrator = await similarity.calibrators.in_force()
    return CalibratorRead(
        name=calibrator.name,
        weights=list(calibrator.weights),
        intercept=calibrator.intercept,
        decisions=row.decisions if row else 0,
        fitted_at=row.fitted_at if row else None,
    )


@merges.post(
    scope="requirements:write",
    example={
        "requirement_id": SOME_REQUIREMENT,
        "merged_requirement_id": OTHER_REQUIREMENT,
        "reason": "Both ask for exports that arrive.",
    },
)
async def create_merge(new: MergeCreate, merging: Merging) -> Created[MergeRead]:
    """Merge a requirement into another.

    Its quotes move there; the rest of it stays as it is, and says what it was merged into. Nothing is ever merged by
    itself, and a merge can be undone exactly.
    """
    return created(await merging.merge(new))


@merges.get(scope="requirements:read")
async def list_merges(
    merging: Merging,
    page: Paging,
    requirement_id: Annotated[UUID | None, Query(description="Only into or out of this requirement.")] = None,
) -> Page[MergeRead]:
    """List merges, newest first, those that were undone included."""
    return await list_page(
        merging.work,
        merging.merges.matching(requirement_id=requirement_id),
        page,
        model=Merge,
        subject_type="merge",
        read=MergeRead.model_validate,
        filters={"requirement_id": requirement_id},
    )


@merges.get("/{merge_id}", scope="requirements:read")
async def get_merge(merge_id: UUID, merging: Merging) -> MergeRead:
    """Read a merge."""
    return MergeRead.model_validate(await merging.merges.get(merge_id))


@merges.post("/{merge_id}/undo", scope="requirements:write")
async def undo_merge(merge_id: UUID, merging: Merging) -> MergeRead:
    """Undo a merge.

    Each quote that moved is where it was before, whatever was merged since; what the requirement gained by itself
    meanwhile stays with it.
    """
    return MergeRead.model_validate(await merging.undo(merge_id))


def _requirements(found: Sequence[Judged]) -> list[SimilarRequirement]:
    return [
        SimilarRequirement(
            requirement_id=each.candidate.requirement_id,
            title=each.candidate.title,
            nearest_feedback_id=each.candidate.nearest_feedback_id,
            **_parts(each),
        )
        for each in found
    ]


def _parts(each: Judged) -> dict[str, Any]:
    return {"probability": each.probability, "likeness": LikenessRead.model_validate(each.likeness)}
