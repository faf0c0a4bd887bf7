"""Keeps segments, and says where feedback came from."""

from collections.abc import Sequence
from uuid import UUID

from services.chassis.concurrency import Precondition
from services.chassis.errors import AlreadyExists, Conflict, FieldError, Invalid
from services.chassis.unit_of_work import UnitOfWork, Work
from services.requirements.customers.repository import SegmentRepository
from services.requirements.domain.segments import RuleRefused, parse_rule, subjects_of
from services.requirements.models import Segment
from services.requirements.segments.repository import RuledSegment, StandingRepository
from services.requirements.segments.schemas import FeedbackStandingRead, SegmentCreate, SegmentUpdate, Standing

MOST_SEGMENTS = 100


class UnreadableRule(Invalid):
    code, title = "unreadable_rule", "The rule cannot be read"


class TooManySegments(Conflict):
    code, title = "too_many_segments", f"A workspace has at most {MOST_SEGMENTS} segments"


class SegmentService:
    """What callers do with segments."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def segments(self) -> SegmentRepository:
        return SegmentRepository(self.work.session)

    async def create(self, new: SegmentCreate) -> Segment:
        """Raises UnreadableRule, AlreadyExists, TooManySegments."""
        _require_readable(new.rule, subject=new.subject)
        await self._require_free(new.name)
        if len(await self.segments.all(self.segments.rows().limit(MOST_SEGMENTS))) == MOST_SEGMENTS:
            raise TooManySegments
        segment = await self.segments.add(Segment(**new.fields() | {"description": new.description or ""}))
        await self._tell("segment.created", segment, version=segment.version)
        return segment

    async def update(self, segment_id: UUID, change: SegmentUpdate, *, if_match: Precondition) -> Segment:
        """Raises UnreadableRule, AlreadyExists."""
        segment = await self.segments.get(segment_id, lock=True)
        if_match.check(segment)
        changes = change.changes()
        if "rule" in changes:
            _require_readable(changes["rule"], subject=segment.subject)
        if "name" in changes:
            await self._require_free(changes["name"], other_than=segment_id)
        for name, value in changes.items():
            setattr(segment, name, value or "" if name == "description" else value)
        await self.work.session.flush()
        await self._tell("segment.updated", segment, version=segment.version)
        return segment

    async def delete(self, segment_id: UUID, *, if_match: Precondition) -> None:
        segment = await self.segments.get(segment_id, lock=True)
        if_match.check(segment)
        await self.segments.remove(segment)
        await self._tell("segment.deleted", segment, version=segment.version + 1)

    async def standing(self, feedback_id: UUID) -> FeedbackStandingRead:
        """Where a piece of feedback came from, then and now."""
        standings = StandingRepository(self.work.session)
        frozen = await standings.frozen(feedback_id)
        segment_ids, revenue = await standings.live(feedback_id, await ruled_segments(self.work))
        then = None
        if frozen is not None:
            then = Standing(segment_ids=frozen.segment_ids, annual_revenue=frozen.revenue, as_of=frozen.as_of)
        now = Standing(segment_ids=segment_ids, annual_revenue=revenue, as_of=self.work.clock.now())
        return FeedbackStandingRead(feedback_id=feedback_id, frozen=then, live=now)

    async def _require_free(self, name: str, *, other_than: UUID | None = None) -> None:
        if await self.segments.is_named(name, other_than=other_than):
            raise AlreadyExists(errors=[FieldError("/name", "Another segment has this name.", "taken")])

    async def _tell(self, kind: str, segment: Segment, *, version: int) -> None:
        data = {"subject": segment.subject}
        await self.work.events.append(kind, subject_type="segment", subject_id=segment.id, version=version, data=data)


async def ruled_segments(work: UnitOfWork) -> Sequence[RuledSegment]:
    """All segments of the workspace with their rules read, in the order in which they were made."""
    segments = SegmentRepository(work.session)
    found = sorted(await segments.all(segments.rows()), key=lambda each: each.id)
    return [RuledSegment(each.id, each.subject, parse_rule(each.rule)) for each in found]


def _require_readable(rule: str, *, subject: str) -> None:
    """Raises UnreadableRule, which says where the fault stands."""
    try:
        looked_at = subjects_of(parse_rule(rule))
    except RuleRefused as refused:
        raise UnreadableRule(
            errors=[FieldError("/rule", f"{refused} (at character {refused.position})", "rule")],
            position=refused.position,
        ) from None
    if subject == "company" and "contact" in looked_at:
        raise UnreadableRule(errors=[FieldError("/rule", "A rule about companies looks at companies only.", "rule")])
