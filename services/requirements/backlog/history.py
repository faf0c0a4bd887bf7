"""What a requirement was: each version as it stood, and who made it so."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.chassis.errors import NotFound
from services.chassis.unit_of_work import UnitOfWork
from services.requirements.backlog.repository import RevisionRepository
from services.requirements.backlog.schemas import RequirementRead
from services.requirements.models import Requirement, RequirementRevision

MOST_REVISIONS = 100


def remember(work: UnitOfWork, requirement: Requirement, *, change: str) -> None:
    """Keeps the version that was just written."""
    state = RequirementRead.model_validate(requirement).model_dump(mode="json")
    work.session.add(
        RequirementRevision(
            workspace_id=requirement.workspace_id,
            requirement_id=requirement.id,
            version=requirement.version,
            change=change,
            changed_by=work.principal.id,
            at=requirement.updated_at,
            state=state,
        )
    )


async def as_of(work: UnitOfWork, requirement_id: UUID, moment: datetime) -> RequirementRead:
    """The requirement as it stood then. Raises NotFound when it did not exist yet."""
    revision = await RevisionRepository(work.session).at(requirement_id, moment)
    if revision is None:
        raise NotFound(f"There was no requirement {requirement_id} at {moment.isoformat()}.")
    return restored(revision.state)


def restored(state: dict[str, Any]) -> RequirementRead:
    """A kept state under the names that callers see."""
    return RequirementRead.model_validate({**state, "attributes": state["metadata"]})
