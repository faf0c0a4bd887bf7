"""What a decision may rest on, and that it rests on something."""

from collections.abc import Sized
from typing import Final

CITABLE: Final = (
    "outcome",
    "requirement",
    "kpi",
    "objective",
    "feature",
    "optimization",
    "theme",
    "target",
    "vision",
    "need",
    "pain_point",
    "persona",
    "differentiator",
    "competitor",
    "capability",
    "initiative",
)


class UngroundedDecision(Exception):
    """A decision that cites no evidence and weighed no alternative."""


def require_grounds(*, cites: Sized, alternatives: Sized) -> None:
    """Raises UngroundedDecision: a decision names evidence, or what else was considered; best both."""
    if not len(cites) and not len(alternatives):
        raise UngroundedDecision("Cite what the decision rests on, or name the alternatives that were considered.")
