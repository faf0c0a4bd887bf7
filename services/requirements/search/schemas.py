"""What callers see of a search."""

from uuid import UUID

from pydantic import Field

from services.chassis.types import Reading, Timestamp


class Highlight(Reading):
    """Where a word of the question stands."""

    start: int = Field(description="Offset of the first character, in the text of the feedback.")
    end: int = Field(description="Offset behind the last character.")


class SearchHit(Reading):
    """A piece of feedback that was found."""

    feedback_id: UUID
    title: str | None
    excerpt: str = Field(description="The part of the text around the first highlight, or its beginning.")
    excerpt_start: int = Field(description="Offset of the excerpt in the text of the feedback.")
    highlights: list[Highlight]
    source: str
    occurred_at: Timestamp
    theme_id: UUID | None
    score: float = Field(description="Half `words`, half `similarity`.")
    words: float = Field(description="The share of the question's words that occur, weighed by how rare they are.")
    similarity: float = Field(description="The cosine of the two meanings, from -1 to 1.")


class FacetValue(Reading):
    """One value, and how many of the hits have it."""

    value: str
    count: int


class Facets(Reading):
    """What the hits are made of, the most frequent first; ten values at most."""

    source: list[FacetValue]
    theme_id: list[FacetValue]
    language: list[FacetValue]
    kind: list[FacetValue]
    sentiment: list[FacetValue]
    month: list[FacetValue] = Field(description="In which it was said, in UTC.")


class SearchAnswer(Reading):
    """The best hits, and what all hits are made of."""

    hits: list[SearchHit]
    found: int = Field(description="How many were ranked; several hundred at most, whatever matches beyond.")
    facets: Facets = Field(description="Of all that were ranked.")
    corrected: str | None = Field(description="What was searched for instead, when words of the question are unknown.")
