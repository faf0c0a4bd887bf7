"""Takes in how it goes; about a commitment, it answers that as well."""

from uuid import UUID

from services.chassis.errors import FieldError, Invalid, UnknownReference
from services.chassis.pagination import PageQuery, list_page
from services.chassis.types import Page
from services.chassis.unit_of_work import Work
from services.roadmap.check_ins.repository import CheckInRepository
from services.roadmap.check_ins.schemas import CheckInCreate, CheckInRead
from services.roadmap.commitments.repository import CommitmentRepository
from services.roadmap.commitments.schemas import AnswerCreate
from services.roadmap.commitments.service import CommitmentService
from services.roadmap.domain.commitments import Health, answer_of
from services.roadmap.models import CheckIn
from services.roadmap.references.service import require_references


class CheckInService:
    """Check-ins of teams."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def check_ins(self) -> CheckInRepository:
        return CheckInRepository(self.work.session)

    async def create(self, new: CheckInCreate) -> CheckIn:
        """Raises UnknownReference for what is not there, Invalid for another team's commitment."""
        await require_references(self.work, new.fields())
        await self._answer(new)
        check_in = CheckIn(**new.fields(), made_by=self.work.principal.id)
        await self.check_ins.add(check_in)
        data = {"team_id": check_in.team_id, "commitment_id": check_in.commitment_id, "health": check_in.health}
        await self.work.events.append(
            "check_in.made", subject_type="check_in", subject_id=check_in.id, version=1, data=data
        )
        return check_in

    async def get(self, check_in_id: UUID) -> CheckIn:
        return await self.check_ins.get(check_in_id)

    async def search(
        self, page: PageQuery, *, team_id: UUID | None, commitment_id: UUID | None, health: Health | None
    ) -> Page[CheckInRead]:
        filters = {"team_id": team_id, "commitment_id": commitment_id, "health": health}
        return await list_page(
            self.work,
            self.check_ins.matching(team_id=team_id, commitment_id=commitment_id, health=health),
            page,
            model=CheckIn,
            subject_type="check_in",
            read=CheckInRead.model_validate,
            filters=filters,
        )

    async def _answer(self, new: CheckInCreate) -> None:
        if new.commitment_id is None:
            return
        commitment = await CommitmentRepository(self.work.session).find(new.commitment_id)
        if commitment is None:
            detail = f"There is no commitment {new.commitment_id}."
            raise UnknownReference(errors=[FieldError("/commitment_id", detail, "unknown")])
        if commitment.team_id != new.team_id:
            raise Invalid(errors=[FieldError("/team_id", "The commitment is another team's.")])
        answer = answer_of(new.health, commitment.status)
        if answer is not None:
            reason = new.note if answer == "flag_risk" else None
            given = AnswerCreate(answer=answer, reason=reason, expected_on=commitment.expected_on)
            await CommitmentService(self.work).answer(commitment.id, given)
