"""Answers what this service keeps of a chain: customers' words, the themes in them, the requirements from them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.chassis.trace import TraceEdge, TraceFragment, TraceNode
from services.chassis.unit_of_work import Work
from services.requirements.domain.evidence import opening
from services.requirements.traces.repository import TraceRepository

MOST_QUOTES = 500
MOST_FOLLOW_UPS = 100
MEMBERS_TOLD = 10
"""A theme may hold thousands of pieces; the chain shows the most typical ones."""


class RequirementsTrace:
    """feedback -> theme -> requirement, feedback -> requirement where it is quoted, and requirement -> follow-up."""

    def __init__(self, work: Work) -> None:
        self.links = TraceRepository(work.session)

    async def fragment(self, ids: Sequence[UUID]) -> TraceFragment:
        quotes = await self.links.evidence(ids, limit=MOST_QUOTES)
        themes = await self.links.themes(ids)
        requirements = await self.links.requirements(ids)
        typical = await self.links.typical_members([theme.id for theme in themes], each=MEMBERS_TOLD)
        members = {*map(tuple, typical), *map(tuple, await self.links.memberships(ids))}
        told = await self.links.follow_ups(ids, limit=MOST_FOLLOW_UPS)
        words = {quote.feedback_id: quote.quote for quote in reversed(quotes)}
        asked = set(ids)
        return TraceFragment(
            nodes=[
                *(_feedback(row, words) for row in await self.links.feedback(ids)),
                *(_theme(row) for row in themes),
                *(_requirement(row) for row in requirements if row.id in asked),
                *(_follow_up(row) for row in told if row.id in asked),
            ],
            edges=[
                *(_edge(feedback_id, theme_id, "belongs_to") for feedback_id, theme_id in sorted(members)),
                *(_edge(quote.feedback_id, quote.requirement_id, "supports") for quote in quotes),
                *(_edge(row.theme_id, row.id, "becomes") for row in requirements if row.theme_id is not None),
                *(_edge(row.requirement_id, row.id, "told_by") for row in told),
                *(_edge(row.feedback_id, row.id, "answered_by") for row in told),
            ],
            truncated=len(quotes) == MOST_QUOTES
            or len(told) == MOST_FOLLOW_UPS
            or any(theme.size > MEMBERS_TOLD for theme in themes),
        )


def _edge(source: UUID, target: UUID, kind: str) -> TraceEdge:
    return TraceEdge(from_id=source, to_id=target, kind=kind)


def _feedback(row: Any, quotes: Mapping[UUID, str]) -> TraceNode:
    """The words that were quoted from it, else how it begins."""
    label = quotes.get(row.id) or opening(row.words).text
    return TraceNode(id=row.id, type="feedback", label=label, facts={"source": row.source}, at=row.occurred_at)


def _theme(row: Any) -> TraceNode:
    return TraceNode(id=row.id, type="theme", label=row.name, facts={"size": row.size}, at=row.rebuilt_at)


def _requirement(row: Any) -> TraceNode:
    facts = {"status": row.status, "evidence": row.evidence_count}
    return TraceNode(id=row.id, type="requirement", label=row.title, facts=facts, at=row.created_at)


def _follow_up(row: Any) -> TraceNode:
    """That somebody was told, or why not; who it was stands in the ledger."""
    facts = {"event": row.event, "state": row.state, "verdict": row.verdict}
    label = f"told of: {row.event}" if row.state == "sent" else f"{row.state}: {row.event}"
    return TraceNode(id=row.id, type="follow_up", label=label, facts=facts, at=row.created_at)
