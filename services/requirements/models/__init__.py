"""The tables of the requirements service, one room per noun."""

from services.requirements.models.backlog import Evidence, Requirement
from services.requirements.models.base import RequirementsBase as Base
from services.requirements.models.copies import FeatureLink, OutcomeLink
from services.requirements.models.customers import Company, Contact
from services.requirements.models.feedback import Feedback, FeedbackEmbedding
from services.requirements.models.fields import CustomField
from services.requirements.models.judgements import KanoAnswer, PersonalEstimate
from services.requirements.models.prioritizations import Prioritization, RankedRequirement
from services.requirements.models.similarity import (
    Merge,
    RequirementMeaning,
    RequirementWord,
    Suggestion,
    WorkspaceCalibrator,
)
from services.requirements.models.themes import Theme, ThemeMember

__all__ = [
    "Base",
    "Company",
    "Contact",
    "CustomField",
    "Evidence",
    "FeatureLink",
    "Feedback",
    "FeedbackEmbedding",
    "KanoAnswer",
    "Merge",
    "OutcomeLink",
    "PersonalEstimate",
    "Prioritization",
    "RankedRequirement",
    "Requirement",
    "RequirementMeaning",
    "RequirementWord",
    "Suggestion",
    "Theme",
    "ThemeMember",
    "WorkspaceCalibrator",
]
