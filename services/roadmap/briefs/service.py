"""Writes a team's brief from what is kept in the other rooms."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.chassis.unit_of_work import Work
from services.roadmap.briefs.repository import BriefRepository
from services.roadmap.briefs.schemas import BriefRead, DutyRead
from services.roadmap.domain.readiness import due_day
from services.roadmap.models import Commitment, Handoff
from services.roadmap.teams.repository import TeamRepository


class BriefService:
    """What we owe, to whom, by when."""

    def __init__(self, work: Work) -> None:
        self.work = work

    async def brief(self, team_id: UUID) -> BriefRead:
        team = await TeamRepository(self.work.session).get(team_id)
        kept = BriefRepository(self.work.session)
        now = self.work.clock.now()
        pen = _Pen(team_id, await kept.names(), today=now.date())
        commitments, handoffs = await kept.commitments(team_id), await kept.handoffs(team_id)
        features = await kept.features(team_id)
        ids = [row.id for row in features]
        owes = [
            *pen.commitments(commitments, is_own=True),
            *pen.handoffs(handoffs, is_own=True),
            *pen.packages(await kept.packages(team_id)),
            *pen.features(features, await kept.waiting_for(ids)),
        ]
        awaits = [
            *pen.commitments(commitments, is_own=False),
            *pen.handoffs(handoffs, is_own=False),
            *pen.needed(await kept.needed_by(ids)),
        ]
        return BriefRead(
            team_id=team_id,
            name=team.name,
            as_of=now,
            owes=_in_order(owes),
            awaits=_in_order(awaits),
            overdue=sum(each.is_overdue for each in owes),
            unanswered=sum(each.kind == "commitment" and each.status == "asked" for each in owes),
        )


class _Pen:
    """Turns rows into duties, with names for ids."""

    def __init__(self, team_id: UUID, names: dict[UUID, str], *, today: date) -> None:
        self.team_id, self.names, self.today = team_id, names, today

    def commitments(self, rows: Sequence[Commitment], *, is_own: bool) -> Iterator[DutyRead]:
        for row in rows:
            if (row.team_id == self.team_id) != is_own:
                continue
            others = [row.for_team_id] if is_own else [row.team_id]
            yield self._duty(
                "commitment",
                row,
                due_on=row.due_on,
                teams=[each for each in others if each],
                others=[row.for_whom] if is_own and row.for_whom else [],
                expected_on=row.expected_on,
                effort_days=row.effort_days,
                feature_id=row.feature_id,
                release_id=row.release_id,
            )

    def handoffs(self, rows: Sequence[Handoff], *, is_own: bool) -> Iterator[DutyRead]:
        """What was handed over is the receiver's to take."""
        for row in rows:
            owner = row.to_team_id if row.status == "handed_over" else row.team_id
            if (owner == self.team_id) == is_own:
                other = row.to_team_id if row.team_id == self.team_id else row.team_id
                yield self._duty(
                    "handoff",
                    row,
                    due_on=row.due_on,
                    teams=[other] if other else [],
                    others=[row.to_whom] if row.to_whom and row.team_id == self.team_id else [],
                    feature_id=row.feature_id,
                    release_id=row.release_id,
                )

    def packages(self, rows: Sequence[Any]) -> Iterator[DutyRead]:
        for package, release, target_on in rows:
            due = due_day(package.due_on, package.days_before_launch, target_on=target_on)
            yield self._duty(
                "work_package",
                package,
                due_on=due or target_on,
                others=[f"Release {release}"],
                effort_days=package.effort_days,
                release_id=package.release_id,
            )

    def features(self, rows: Sequence[Any], waiting: Sequence[Any]) -> Iterator[DutyRead]:
        """Features that this team works on; whoever works on what needs them waits."""
        teams: dict[UUID, set[UUID]] = defaultdict(set)
        for row in waiting:
            teams[row[0]].add(row.team_id)
        for row in rows:
            others = teams[row.id] - {self.team_id}
            due = _earlier(row.ends_on, row.deadline)
            yield self._duty("feature", row, due_on=due, teams=others, effort_days=row.days, feature_id=row.id)

    def needed(self, rows: Sequence[Any]) -> Iterator[DutyRead]:
        """Features of others that this team's own wait for."""
        teams: dict[UUID, set[UUID]] = defaultdict(set)
        found: dict[UUID, Any] = {}
        for row in rows:
            teams[row.id].add(row.team_id)
            found[row.id] = row
        for feature_id, row in found.items():
            if others := teams[feature_id] - {self.team_id}:
                due = _earlier(row.ends_on, row.deadline)
                yield self._duty("feature", row, due_on=due, teams=others, feature_id=feature_id)

    def _duty(
        self,
        kind: str,
        row: Any,
        *,
        due_on: date | None,
        teams: Iterable[UUID] = (),
        others: Sequence[str] = (),
        **more: Any,
    ) -> DutyRead:
        ids = sorted(teams)
        return DutyRead.model_validate(
            {
                "kind": kind,
                "id": row.id,
                "title": row.title,
                "status": row.status,
                "due_on": due_on,
                "is_overdue": due_on is not None and due_on < self.today,
                "team_ids": ids,
                "whom": [*(self.names[each] for each in ids), *others],
                **more,
            }
        )


def _earlier(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)


def _in_order(duties: Iterable[DutyRead]) -> list[DutyRead]:
    return sorted(duties, key=lambda each: (each.due_on or date.max, each.kind, each.id))
