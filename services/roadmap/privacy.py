"""What the roadmap holds of a person: addresses that it mails to, kept answers and the audit trail; and why no more."""

from services.chassis.privacy.holdings import PersonalData
from services.chassis.privacy.infrastructure import IMPERSONAL, AuditPayloads, KeptAnswers
from services.roadmap.subscriptions.holdings import SubscribersAddresses
from services.roadmap.updates.privacy import Correspondence

PLANNERS_WORDS = "the planners' words about the product"

PERSONAL = PersonalData(
    holdings=(SubscribersAddresses(), Correspondence(), KeptAnswers(), AuditPayloads()),
    impersonal={
        **IMPERSONAL,
        **dict.fromkeys(
            (
                "objective",
                "key_result",
                "decision",
                "citation",
                "feature",
                "feature_rule",
                "release_template",
                "release",
                "launch_package",
                "milestone",
                "commitment",
                "handoff",
                "check_in",
                "risk",
                "notification",
                "roadmap",
                "roadmap_item",
                "roadmap_change",
                "audience",
                "product",
                "market_segment",
                "persona",
                "need",
                "pain_point",
                "differentiator",
                "vision",
                "vision_revision",
                "initiative",
                "share_link",
                "roadmap_version",
                "scenario",
                "scenario_item",
                "stakeholder_update",
                "budget",
                "budget_line",
                "budget_entry",
                "exchange_rate",
                "plan_constraint",
                "competitor",
                "capability",
                "positioning",
            ),
            PLANNERS_WORDS,
        ),
        "integration": "names of programs, and sealed secrets",
        "issue_link": "addresses of issues and where they stand; never their titles or texts",
        **dict.fromkeys(
            (
                "feature_dependency",
                "feature_rule_member",
                "expected_effect",
                "feature_outcome",
                "requirement_copy",
                "kpi_copy",
                "theme_copy",
                "company_copy",
                "target_copy",
                "strategy_link",
            ),
            "ids, numbers and titles of things",
        ),
        **dict.fromkeys(
            ("team", "team_absence", "team_staff", "allocation", "work_package"),
            "teams, skills and capacities; no person by name",
        ),
        **dict.fromkeys(("subscription.topics", "subscription.channel"), "of a fixed set"),
        **dict.fromkeys(("release_feature", "launch_package_need"), "ids"),
        **dict.fromkeys(
            ("optimization", "proposal", "adoption", "incumbent", "inquiry", "inquiry_answer"),
            "ids, numbers and the planners' reasons",
        ),
        "update_recipient.delivery": "of a fixed set",
        "share_link_visit": "a pseudonym that is another one the next day; no address, no name",
        **dict.fromkeys(
            ("forecast", "forecast_answer"),
            "ids, numbers and the planners' reasons",
        ),
    },
)
