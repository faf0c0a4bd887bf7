"""What is counted at the moment of ranking, and needs nobody's estimate."""

from collections.abc import Mapping
from dataclasses import dataclass

EVIDENCE: Mapping[str, str] = {
    "evidence_count": "quotes that it rests on",
    "evidence_strength": "the sum of their strengths, each from 0 to 3",
    "contacts": "different people who are quoted",
    "companies": "different companies that are quoted",
    "revenue": "what those companies paid in a year when they last said so, in minor units of `currency`",
}
THEMES: Mapping[str, str] = {
    "theme_size": "pieces of feedback in its theme",
    "theme_revenue": "what companies in its theme paid in a year when they last said so, in minor units of `currency`",
    "theme_growth": "its theme's last four whole weeks against the four before, (recent + 1/2) / (before + 1/2)",
}
VOTES: Mapping[str, str] = {
    "votes": "different people who voted for it or for its theme",
    "vote_revenue": "what the companies of those who voted pay in a year today, in minor units of `currency`",
}
OWN: Mapping[str, str] = {"objective_alignment": "the sum of its alignments with objectives, each from 0 to 3"}

LIVE_INPUTS: Mapping[str, str] = {**EVIDENCE, **THEMES, **VOTES, **OWN}
IN_MONEY = frozenset({"revenue", "theme_revenue", "vote_revenue"})
BY_SEGMENT = frozenset({*EVIDENCE, *THEMES, *VOTES})
"""What can be narrowed to one segment: what was said by those it came from then, votes by whoever gave them today."""


@dataclass(frozen=True)
class LiveInput:
    """One thing to count: money in one currency, and what was said by one segment where that is asked."""

    name: str
    currency: str | None = None
    segment_id: str | None = None

    @property
    def key(self) -> str:
        """How it is called among the inputs of a score."""
        return ":".join([self.name, *filter(None, (self.currency, self.segment_id))])

    def faults(self) -> str | None:
        """What is wrong with it, in words."""
        if self.name in IN_MONEY and self.currency is None:
            return f"{self.name} needs a currency"
        if self.name not in IN_MONEY and self.currency is not None:
            return f"{self.name} has no currency"
        if self.segment_id is not None and self.name not in BY_SEGMENT:
            return f"{self.name} cannot be narrowed to a segment"
        return None


def name_of(key: str) -> str:
    """The plain name within a key."""
    return key.partition(":")[0]
