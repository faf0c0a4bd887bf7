"""The tables of the requirements service, one room per noun."""

from services.requirements.models.backlog import (
    Evidence,
    Requirement,
    RequirementComment,
    RequirementRelation,
    RequirementRevision,
)
from services.requirements.models.base import RequirementsBase as Base
from services.requirements.models.copies import FeatureLink, OutcomeLink
from services.requirements.models.customers import (
    Company,
    CompanyAlias,
    CompanyRevenue,
    Contact,
    ContactAlias,
    CustomerMerge,
    CustomerMergeItem,
    FeedbackStanding,
    Segment,
)
from services.requirements.models.emails import EmailMessage
from services.requirements.models.feedback import Feedback, FeedbackEmbedding
from services.requirements.models.fields import CustomField
from services.requirements.models.followups import FollowUp, FollowUpTemplate, Unsubscription
from services.requirements.models.forms import FormSubmission, IntakeForm, Vote
from services.requirements.models.imports import FeedbackImport, ImportPart, ImportRecord
from services.requirements.models.judgements import FeasibilityJudgement, KanoAnswer, PersonalEstimate
from services.requirements.models.prioritizations import Prioritization, RankedRequirement
from services.requirements.models.proposals import CalibrationProposal
from services.requirements.models.similarity import (
    Merge,
    RequirementMeaning,
    RequirementWord,
    Suggestion,
    WorkspaceCalibrator,
)
from services.requirements.models.studies import Finding, FindingQuote, Study, StudyParticipant, StudyResponse
from services.requirements.models.themes import Theme, ThemeMember, ThemeMerge, ThemePin
from services.requirements.models.understanding import Understanding

__all__ = [
    "Base",
    "CalibrationProposal",
    "Company",
    "CompanyAlias",
    "CompanyRevenue",
    "Contact",
    "ContactAlias",
    "CustomField",
    "CustomerMerge",
    "CustomerMergeItem",
    "EmailMessage",
    "Evidence",
    "FeasibilityJudgement",
    "FeatureLink",
    "Feedback",
    "FeedbackEmbedding",
    "FeedbackImport",
    "FeedbackStanding",
    "Finding",
    "FindingQuote",
    "FollowUp",
    "FollowUpTemplate",
    "FormSubmission",
    "ImportPart",
    "ImportRecord",
    "IntakeForm",
    "KanoAnswer",
    "Merge",
    "OutcomeLink",
    "PersonalEstimate",
    "Prioritization",
    "RankedRequirement",
    "Requirement",
    "RequirementComment",
    "RequirementMeaning",
    "RequirementRelation",
    "RequirementRevision",
    "RequirementWord",
    "Segment",
    "Study",
    "StudyParticipant",
    "StudyResponse",
    "Suggestion",
    "Theme",
    "ThemeMember",
    "ThemeMerge",
    "ThemePin",
    "Understanding",
    "Unsubscription",
    "Vote",
    "WorkspaceCalibrator",
]
