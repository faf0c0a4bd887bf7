"""What has happened in the story so far, and what a step tells of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from services.launcher.demo import sample
from services.launcher.demo.api import Api, Json
from services.launcher.demo.sample import Wish


@dataclass(frozen=True)
class Told:
    """What a step brought, in a sentence, with the id to look it up by."""

    sentence: str
    id: str = ""


@dataclass
class Story:
    """What has happened so far; chapters build on one another."""

    api: Api
    run: str = field(default_factory=lambda: uuid4().hex[:8])
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    product: Json = field(default_factory=dict)
    persona: Json = field(default_factory=dict)
    need: Json = field(default_factory=dict)
    pain: Json = field(default_factory=dict)
    vision: Json = field(default_factory=dict)
    feedback: dict[str, Wish] = field(default_factory=dict)
    themes: dict[str, Json] = field(default_factory=dict)
    requirements: dict[str, Json] = field(default_factory=dict)
    evidence: list[Json] = field(default_factory=list)
    features: dict[str, Json] = field(default_factory=dict)
    ranking: Json = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    kpi: Json = field(default_factory=dict)
    objective: Json = field(default_factory=dict)
    roadmap: Json = field(default_factory=dict)
    optimization: Json = field(default_factory=dict)
    release: Json = field(default_factory=dict)
    outcome: Json = field(default_factory=dict)
    follow_up: Json = field(default_factory=dict)
    proposal: Json = field(default_factory=dict)

    @property
    def shipped_at(self) -> datetime:
        return (self.now - timedelta(days=sample.DAYS_AFTER)).replace(hour=9, minute=0, second=0)

    @property
    def quoted(self) -> str:
        """Feedback that the story's first requirement quotes."""
        return str(self.evidence[0]["feedback_id"])
