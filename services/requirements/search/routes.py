"""HTTP for search."""

from dataclasses import replace
from typing import Annotated, Any, cast

from fastapi import Depends, Query, Request
from pydantic import StringConstraints

from services.chassis.routing import Router
from services.requirements.feedback.routes import Wanted
from services.requirements.feedback.schemas import SearchWords
from services.requirements.search.schemas import Facets, FacetValue, Highlight, SearchAnswer, SearchHit
from services.requirements.search.service import Found, Hit, SearchService, facet
from services.requirements.themes.embeddings import written
from services.requirements.themes.meaning import Embedder
from services.requirements.understanding.schemas import Kind, LanguageCode, Sentiment

router = Router(prefix="/v1/search", tags=["Search"])


async def _embedder(request: Request) -> Embedder:
    return cast("Embedder", request.app.state.embedder)


Search = Annotated[SearchService, Depends(SearchService)]
Meanings = Annotated[Embedder, Depends(_embedder)]


@router.get(scope="feedback:read")
async def search_feedback(
    q: Annotated[SearchWords, StringConstraints(min_length=1), Query(description="What to search for, in any words.")],
    search: Search,
    meanings: Meanings,
    wanted: Wanted,
    *,
    language: Annotated[LanguageCode | None, Query(description="Only in this language (ISO 639).")] = None,
    kind: Annotated[Kind | None, Query(description="Only of this kind.")] = None,
    sentiment: Annotated[Sentiment | None, Query(description="Only of this mood.")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="How many hits at most.")] = 20,
) -> SearchAnswer:
    """Search feedback by words and by meaning at once.

    The best come first: half of the score is the share of your words that occur, the rare ones counting more, half is
    how alike the meanings are. A word that nobody ever wrote is taken for the most alike that somebody did, and the
    answer says so. `facets` tell what all hits are made of, to narrow the next search with.
    """
    narrowed = replace(wanted, q=None)
    (vector,) = await meanings.vectors([q])  # before the transaction begins
    corrected = await search.corrected(q)
    meant = corrected or q
    if corrected is not None:
        (vector,) = await meanings.vectors([corrected])
    found = await search.find(
        meant,
        narrowed,
        labels={"language": language, "kind": kind, "sentiment": sentiment},
        vector=written(vector),
        limit=limit,
        corrected=corrected,
    )
    return SearchAnswer(
        hits=[_hit(each) for each in found.hits],
        found=len(found.ranked),
        facets=Facets(
            **{
                name: [FacetValue(value=value, count=count) for value, count in facet(_values(found, name))]
                for name in Facets.model_fields
            }
        ),
        corrected=found.corrected,
    )


def _values(found: Found, name: str) -> list[Any]:
    return [getattr(row, name) for row in found.ranked]


def _hit(hit: Hit) -> SearchHit:
    feedback = hit.feedback
    return SearchHit(
        feedback_id=feedback.id,
        title=feedback.title,
        excerpt=feedback.text[hit.shown.start : hit.shown.end],
        excerpt_start=hit.shown.start,
        highlights=[Highlight.model_validate(each) for each in hit.highlights],
        source=feedback.source,
        occurred_at=feedback.occurred_at,
        theme_id=hit.theme_id,
        score=hit.score,
        words=hit.words,
        similarity=hit.similarity,
    )
