"""The tables of the roadmap service, one room per noun."""

from services.roadmap.models.allocations import Allocation
from services.roadmap.models.audiences import Audience
from services.roadmap.models.base import RoadmapBase as Base
from services.roadmap.models.budgets import Budget, BudgetEntry, BudgetLine, Constraint
from services.roadmap.models.competition import Capability, Competitor, Positioning
from services.roadmap.models.coordination import CheckIn, Commitment, Handoff, Risk
from services.roadmap.models.copies import CompanyCopy, KpiCopy, RequirementCopy, TargetCopy, ThemeCopy
from services.roadmap.models.decisions import Citation, Decision
from services.roadmap.models.exchange import ExchangeRate
from services.roadmap.models.features import (
    ExpectedEffect,
    Feature,
    FeatureDependency,
    FeatureObjective,
    FeatureOutcome,
    FeatureRequirement,
    WorkPackage,
)
from services.roadmap.models.forecasts import Forecast, ForecastAnswer
from services.roadmap.models.inquiries import Inquiry, InquiryAnswer
from services.roadmap.models.links import StrategyLink
from services.roadmap.models.markets import MarketSegment, Persona
from services.roadmap.models.needs import Differentiator, Need, PainPoint
from services.roadmap.models.optimization import Adoption, Incumbent, Optimization, Proposal
from services.roadmap.models.products import Product
from services.roadmap.models.releases import (
    LaunchPackage,
    LaunchPackageNeed,
    Milestone,
    Release,
    ReleaseFeature,
    ReleaseTemplate,
)
from services.roadmap.models.roadmaps import Roadmap, RoadmapChange, RoadmapItem
from services.roadmap.models.rules import FeatureRule, FeatureRuleMember
from services.roadmap.models.scenarios import RoadmapVersion, Scenario, ScenarioItem
from services.roadmap.models.sharing import ShareLink, ShareLinkVisit
from services.roadmap.models.strategy import KeyResult, Objective
from services.roadmap.models.subscriptions import Notification, Subscription
from services.roadmap.models.teams import Team, TeamAbsence, TeamStaff
from services.roadmap.models.trackers import Integration, IssueLink
from services.roadmap.models.updates import StakeholderUpdate, UpdateRecipient, UpdateReply
from services.roadmap.models.visions import Initiative, Vision, VisionRevision

__all__ = [
    "Adoption",
    "Allocation",
    "Audience",
    "Base",
    "Budget",
    "BudgetEntry",
    "BudgetLine",
    "Capability",
    "CheckIn",
    "Citation",
    "Commitment",
    "CompanyCopy",
    "Competitor",
    "Constraint",
    "Decision",
    "Differentiator",
    "ExchangeRate",
    "ExpectedEffect",
    "Feature",
    "FeatureDependency",
    "FeatureObjective",
    "FeatureOutcome",
    "FeatureRequirement",
    "FeatureRule",
    "FeatureRuleMember",
    "Forecast",
    "ForecastAnswer",
    "Handoff",
    "Incumbent",
    "Initiative",
    "Inquiry",
    "InquiryAnswer",
    "Integration",
    "IssueLink",
    "KeyResult",
    "KpiCopy",
    "LaunchPackage",
    "LaunchPackageNeed",
    "MarketSegment",
    "Milestone",
    "Need",
    "Notification",
    "Objective",
    "Optimization",
    "PainPoint",
    "Persona",
    "Positioning",
    "Product",
    "Proposal",
    "Release",
    "ReleaseFeature",
    "ReleaseTemplate",
    "RequirementCopy",
    "Risk",
    "Roadmap",
    "RoadmapChange",
    "RoadmapItem",
    "RoadmapVersion",
    "Scenario",
    "ScenarioItem",
    "ShareLink",
    "ShareLinkVisit",
    "StakeholderUpdate",
    "StrategyLink",
    "Subscription",
    "TargetCopy",
    "Team",
    "TeamAbsence",
    "TeamStaff",
    "ThemeCopy",
    "UpdateRecipient",
    "UpdateReply",
    "Vision",
    "VisionRevision",
    "WorkPackage",
]
