"""Lists what stands for readers that are new to the feed, or too far behind."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.chassis.rows import VersionedRow
from services.chassis.snapshot import CurrentState
from services.requirements.backlog.service import requirement_facts
from services.requirements.comments.service import comment_facts
from services.requirements.customers.service import customer_facts
from services.requirements.estimates.service import estimate_facts
from services.requirements.feasibility.service import judgement_facts
from services.requirements.feedback.recording import feedback_facts
from services.requirements.followup.service import follow_up_facts
from services.requirements.followup_templates.service import template_facts
from services.requirements.kano.service import answer_facts
from services.requirements.models import (
    CalibrationProposal,
    Company,
    FeasibilityJudgement,
    Feedback,
    FollowUp,
    FollowUpTemplate,
    KanoAnswer,
    PersonalEstimate,
    Prioritization,
    Requirement,
    RequirementComment,
    RequirementRelation,
    Theme,
    ThemeMerge,
)
from services.requirements.prioritization.service import prioritization_facts
from services.requirements.proposals.service import proposal_facts
from services.requirements.relations.service import relation_facts
from services.requirements.theme_merges.service import theme_merge_facts
from services.requirements.themes.service import theme_facts


@dataclass
class States:
    """Every row of one model, told as its events tell it."""

    subject_type: str
    event_type: str
    model: type[VersionedRow]
    facts: Callable[[Any], Mapping[str, Any]]

    async def page(self, session: AsyncSession, *, after: UUID | None, limit: int) -> Sequence[CurrentState]:
        model = self.model
        query = select(model).where(model.workspace_id == session.info["workspace_id"])
        if after is not None:
            query = query.where(model.id > after)
        rows = (await session.scalars(query.order_by(model.id).limit(limit))).unique().all()
        return [
            CurrentState(subject_id=row.id, version=row.version, time=row.updated_at, data=self.facts(row))
            for row in rows
        ]


def _said(feedback: Feedback) -> Mapping[str, Any]:
    return feedback_facts(
        source=feedback.source,
        occurred_at=feedback.occurred_at,
        contact_id=feedback.contact_id,
        company_id=feedback.company_id,
        channel=feedback.channel,
        product_area=feedback.product_area,
        importance=feedback.importance,
    )


SNAPSHOTS = (
    States("company", "company.updated", Company, customer_facts),
    States("feedback", "feedback.recorded", Feedback, _said),
    States("theme", "theme.changed", Theme, theme_facts),
    States("theme_merge", "theme_merge.created", ThemeMerge, theme_merge_facts),
    States("requirement", "requirement.updated", Requirement, requirement_facts),
    States("requirement_relation", "requirement_relation.created", RequirementRelation, relation_facts),
    States("requirement_comment", "requirement_comment.created", RequirementComment, comment_facts),
    States("personal_estimate", "personal_estimate.updated", PersonalEstimate, estimate_facts),
    States("feasibility_judgement", "feasibility_judgement.updated", FeasibilityJudgement, judgement_facts),
    States("kano_answer", "kano_answer.recorded", KanoAnswer, answer_facts),
    States("calibration_proposal", "calibration_proposal.updated", CalibrationProposal, proposal_facts),
    States("follow_up_template", "follow_up_template.updated", FollowUpTemplate, template_facts),
    States("follow_up", "follow_up.updated", FollowUp, follow_up_facts),
    States("prioritization", "prioritization.created", Prioritization, prioritization_facts),
)
