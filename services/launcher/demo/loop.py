"""The loop in seventeen steps, each a few requests that anybody could send, and each held to what it should bring."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from services.launcher.demo import sample
from services.launcher.demo.api import Api, Json, StepFailed
from services.launcher.demo.sample import WISHES, Wish

PAGE = 200
SAID_ALIKE = 3


VOICES = {voice: wish for wish in WISHES for voice in wish.voices}
"""Whose wish each sentence is, whichever run of the story it was said in."""


@dataclass(frozen=True)
class Told:
    """What a step brought, in a sentence, with the id to look it up by."""

    sentence: str
    id: str = ""


@dataclass
class Loop:
    """What has happened so far; steps build on one another."""

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
    scores: dict[str, float] = field(default_factory=dict)
    kpi: Json = field(default_factory=dict)
    objective: Json = field(default_factory=dict)
    roadmap: Json = field(default_factory=dict)
    optimization: Json = field(default_factory=dict)
    release: Json = field(default_factory=dict)
    outcome: Json = field(default_factory=dict)
    follow_up: Json = field(default_factory=dict)

    @property
    def shipped_at(self) -> datetime:
        return (self.now - timedelta(days=sample.DAYS_AFTER)).replace(hour=9, minute=0, second=0)

    @property
    def quoted(self) -> str:
        """Feedback that the story's first requirement quotes."""
        return str(self.evidence[0]["feedback_id"])

    def steps(self) -> list[tuple[str, Callable[[], Awaitable[Told]]]]:
        """The story's headings, each with what is done under it."""
        return [
            ("It begins with a vision and a need", self.set_out),
            ("Customers speak", self.collect_feedback),
            ("Their words become themes", self.build_themes),
            ("Themes become requirements", self.write_requirements),
            ("The need shows where it hurts", self.find_the_pain),
            ("Requirements are ranked", self.rank),
            ("A KPI says what success is", self.define_kpi),
            ("An objective names it", self.set_objective),
            ("Features promise effects", self.plan_features),
            ("Money is set aside", self.pay),
            ("The strategy is held against it", self.cover),
            ("The best plan is proved", self.optimize),
            ("The plan answers questions", self.ask),
            ("People adopt it", self.adopt),
            ("The teams agree", self.coordinate),
            ("A feature ships", self.ship),
            ("The outcome is measured", self.measure),
            ("Who asked is told", self.tell),
            ("The circle closes", self.trace),
        ]

    async def set_out(self) -> Told:
        named = {"name": f"Harbour {self.run}"}
        self.product = await self.api.post("/v1/products", sample.PRODUCT | named)
        segment = await self.api.post("/v1/market-segments", sample.SEGMENT | {"name": f"Small firms {self.run}"})
        segment_ids = [segment["id"]]
        persona = {"name": f"Founder in the first week {self.run}", "market_segment_ids": segment_ids}
        self.persona = await self.api.post("/v1/personas", sample.PERSONA | persona)
        need = {"persona_ids": [self.persona["id"]], "market_segment_ids": segment_ids}
        self.need = await self.api.post("/v1/needs", sample.NEED | need)
        vision = {"product_id": self.product["id"], "need_ids": [self.need["id"]], "market_segment_ids": segment_ids}
        self.vision = await self.api.post("/v1/visions", sample.VISION | vision)
        opportunity = f"an opportunity of {self.need['opportunity']} of 19"
        return Told(f"A vision, a persona, and a need: “{self.need['title']}”, {opportunity}", self.vision["id"])

    async def collect_feedback(self) -> Told:
        lines = sample.feedback(run=self.run, now=self.now)
        ids = await self.api.post_lines("/v1/feedback/bulk", lines)
        self.feedback = {id_: VOICES[line["text"]] for id_, line in zip(ids, lines, strict=True)}
        companies = len(sample.COMPANIES)
        return Told(f"{len(ids)} pieces of feedback from {companies} firms, the first in their words", ids[0])

    async def build_themes(self) -> Told:
        await self.api.until(self._is_understood, what="every piece of feedback has a meaning")
        await self.api.follow(await self.api.post("/v1/themes/rebuild", {}))
        async for theme in self.api.items("/v1/themes", limit=PAGE):
            wish = await self._wish_of(theme)
            if wish and wish.requirement not in self.themes:
                self.themes[wish.requirement] = theme
        if len(self.themes) < SAID_ALIKE:
            raise StepFailed(f"only {len(self.themes)} of {len(WISHES)} wishes were recognised as themes")
        first = next(iter(self.themes.values()))
        return Told(f"{len(self.themes)} of {len(WISHES)} wishes found again; one is “{first['name']}”", first["id"])

    async def write_requirements(self) -> Told:
        for wish in WISHES:
            theme = self.themes.get(wish.requirement)
            grounds = {"theme_id": theme["id"]} if theme else {"evidence": self._quotes(wish)}
            estimates = {
                "reach": wish.reach,
                "impact": wish.impact,
                "confidence": wish.confidence,
                "effort": wish.effort_days / 20,
            }
            body = {"title": wish.requirement, "estimates": estimates, **grounds}
            self.requirements[wish.requirement] = await self.api.post("/v1/requirements", body)
        await self._tie_requirements()
        first = self.requirements[sample.FIRST_STEPS.requirement]
        self.evidence = [quote async for quote in self.api.items(f"/v1/requirements/{first['id']}/evidence")]
        if not self.evidence:
            raise StepFailed("a requirement from a theme has no evidence")
        quotes = sum(requirement["evidence_count"] for requirement in self.requirements.values())
        return Told(f"{len(self.requirements)} requirements, resting on {quotes} quotes", first["id"])

    async def _tie_requirements(self) -> None:
        """The last wish rests on the first."""
        first, *_, last = self.requirements.values()
        tie = {
            "kind": "requires",
            "other_requirement_id": first["id"],
            "reason": "It goes on where the other one ends.",
        }
        await self.api.post(f"/v1/requirements/{last['id']}/relations", tie)

    async def find_the_pain(self) -> Told:
        """The need's pain is what customers were heard to say; the requirement that ends it is named with it."""
        wanted = sample.FIRST_STEPS.requirement
        theme = self.themes.get(wanted)
        self.pain = await self.api.post(
            "/v1/pain-points",
            sample.PAIN
            | {
                "need_id": self.need["id"],
                "requirement_ids": [self.requirements[wanted]["id"]],
                "theme_ids": [theme["id"]] if theme else [],
            },
        )
        grounds = await self.api.get(f"/v1/needs/{self.need['id']}/grounds")
        return Told(f"“{self.pain['title']}”: {grounds['feedback_count']} customers say so", self.pain["id"])

    async def rank(self) -> Told:
        ids = [requirement["id"] for requirement in self.requirements.values()]
        ranking = await self.api.post("/v1/prioritizations", {"name": f"Demo {self.run}", "requirement_ids": ids})
        titles = {requirement["id"]: title for title, requirement in self.requirements.items()}
        self.scores = {titles[line["requirement_id"]]: line["score"] for line in ranking["ranking"]}
        best = ranking["ranking"][0]
        return Told(f"First by RICE, {best['score']:,.0f}: “{best['title']}”", ranking["id"])

    async def define_kpi(self) -> Told:
        self.kpi = await self.api.post(
            "/v1/kpis",
            {
                "name": f"Activation rate {self.run}",
                "description": "Share of new accounts that send an invoice in their first week.",
                "unit": "%",
                "aggregation": "average",
                "direction": "up",
                "negligible_change": 0.5,
            },
        )
        lines = sample.activation(kpi_id=self.kpi["id"], run=self.run, shipped_at=self.shipped_at)
        await self.api.post_lines("/v1/measurements/bulk", lines)
        return Told(f"Activation rate, {len(lines)} days of it", self.kpi["id"])

    async def set_objective(self) -> Told:
        self.objective = await self.api.post(
            "/v1/objectives",
            {
                "title": "New users find their feet, and stay",
                "key_results": [
                    {
                        "title": "More than a third of new accounts send an invoice in their first week",
                        "kpi_id": self.kpi["id"],
                        "start_value": sample.ACTIVATION_BEFORE,
                        "target_value": 36,
                    }
                ],
            },
        )
        return Told(f"“{self.objective['title']}”, told by the activation rate", self.objective["id"])

    async def plan_features(self) -> Told:
        for wish in WISHES:
            is_first = wish is sample.FIRST_STEPS
            body = {
                "title": wish.feature,
                "product_id": self.product["id"],
                "requirement_ids": [self.requirements[wish.requirement]["id"]],
                "objective_ids": [self.objective["id"]] if is_first else [],
                "effort_days": wish.effort_days,
                "cost": {"amount_minor": wish.cost_eur * 100, "currency": "EUR"},
                "value": round(self.scores[wish.requirement], 2),
                "expected_effects": [self._promise()] if is_first else [],
            }
            self.features[wish.feature] = await self.api.post("/v1/features", body)
        first = self.features[sample.FIRST_STEPS.feature]
        group = {
            "objective_ids": [self.objective["id"]],
            "feature_ids": [first["id"]],
            "product_id": self.product["id"],
        }
        await self.api.post("/v1/initiatives", sample.INITIATIVE | group)
        claim = {"need_ids": [self.need["id"]], "feature_ids": [first["id"]], "objective_ids": [self.objective["id"]]}
        await self.api.post("/v1/differentiators", sample.DIFFERENTIATOR | claim)
        return Told(f"{len(self.features)} features; “{first['title']}” promises 2 to 7 points", first["id"])

    async def pay(self) -> Told:
        """A year's money, some of it spent already on what ships first; and what the plan should keep."""
        first = self.features[sample.FIRST_STEPS.feature]
        year = {"starts_on": f"{self.now.year}-01-01", "ends_on": f"{self.now.year}-12-31"}
        name = {"name": f"Harbour {self.run}", "product_id": self.product["id"]}
        budget = await self.api.post("/v1/budgets", {**sample.BUDGET, **year, **name})
        path = f"/v1/budgets/{budget['id']}"
        paid = [feature["id"] for feature in self.features.values()]
        line = await self.api.post(f"{path}/lines", sample.LINE | {"feature_ids": paid})
        spent = {"line_id": line["id"], "feature_id": first["id"], "occurred_on": self.now.date().isoformat()}
        await self.api.post(f"{path}/entries", sample.SPENDING | spent)
        await self.api.post("/v1/constraints", sample.POLICY | {"objective_ids": [self.objective["id"]]})
        total = (await self.api.get(f"{path}/status"))["total"]
        euros = {name: total[name]["amount_minor"] // 100 for name in ("planned", "spent", "available")}
        told = f"{euros['planned']:,} euros planned, {euros['spent']:,} spent, {euros['available']:,} free"
        return Told(told, budget["id"])

    async def cover(self) -> Told:
        found = await self.api.get("/v1/strategy/coverage")
        open_needs = {each["need_id"] for each in found["needs_without_features"]["items"]}
        if self.need["id"] in open_needs:
            raise StepFailed("a feature answers the need, and the coverage does not see it")
        needless = found["features_without_need"]["count"]
        return Told(f"The need is answered; {needless} features answer none that was written down", self.need["id"])

    async def optimize(self) -> Told:
        self.roadmap = await self.api.post("/v1/roadmaps", {"name": f"Harbour {self.run}"})
        started = await self.api.post(
            "/v1/optimizations",
            {
                "roadmap_id": self.roadmap["id"],
                "feature_ids": [feature["id"] for feature in self.features.values()],
                "budgets": {
                    "effort_days": sample.BUDGET_DAYS,
                    "cost": {"amount_minor": sample.BUDGET_EUR * 100, "currency": "EUR"},
                },
            },
        )
        await self.api.follow(started)
        self.optimization = await self.api.get(f"/v1/optimizations/{started['optimization_id']}")
        proposal = self.optimization["proposal"]
        if (proposal["status"], proposal["gap"]) != ("optimal", 0):
            raise StepFailed(f"the plan is {proposal['status']} with a gap of {proposal['gap']}")
        if self.features[sample.FIRST_STEPS.feature]["id"] not in proposal["chosen"]:
            raise StepFailed("the most valuable feature was not chosen")
        sentence = f"{len(proposal['chosen'])} of {len(self.features)} features in {sample.BUDGET_DAYS:g} days"
        return Told(f"{sentence}; nothing is worth more than its {proposal['objective']:,.0f}", self.optimization["id"])

    async def ask(self) -> Told:
        days = {"kind": "budget", "name": "effort_days", "more": sample.MORE_DAYS}
        money = {"kind": "budget", "name": "cost", "more": sample.MORE_EUR * 100}
        path = f"/v1/optimizations/{self.optimization['id']}"
        started = await self.api.post(f"{path}/what-if", {"changes": [days, money]})
        await self.api.follow(started)
        inquiry = await self.api.get(f"{path}/inquiries/{started['inquiry_id']}")
        both = inquiry["answer"]["together"]
        if not both["is_proved"] or both["gain"] <= 0:
            raise StepFailed(f"half as much again would bring {both['gain']}")
        more = f"{sample.MORE_DAYS:g} days and {sample.MORE_EUR:,} euros more"
        return Told(f"{more} would be worth {both['gain']:,.0f}, proved", inquiry["id"])

    async def adopt(self) -> Told:
        pinned = self.features[sample.CURRENCIES.feature]
        place = {"horizon": "later", "is_pinned": True, "reason": "Waits for the new bank, whatever a plan says."}
        await self.api.put(f"/v1/roadmaps/{self.roadmap['id']}/items/{pinned['id']}", place)
        reason = {"reason": "The proved plan for this quarter."}
        changes = await self.api.post(f"/v1/optimizations/{self.optimization['id']}/adopt", reason)
        items = (await self.api.get(f"/v1/roadmaps/{self.roadmap['id']}/items"))["items"]
        if not any(item["feature_id"] == pinned["id"] and item["is_pinned"] for item in items):
            raise StepFailed("a pinned feature was moved")
        return Told(f"{len(changes['placed'])} features placed; what people pinned stayed", self.roadmap["id"])

    async def coordinate(self) -> Told:
        feature = self.features[sample.FIRST_STEPS.feature]
        due_on = (self.now + timedelta(days=30)).date().isoformat()
        team = await self.api.post("/v1/teams", {"name": f"Crew {self.run}", "staff": [{"skill": "code", "people": 2}]})
        self.release = await self.api.post(
            "/v1/releases", {"name": f"First steps {self.run}", "target_on": due_on, "feature_ids": [feature["id"]]}
        )
        telling = {"title": "Tell those who asked for it", "function": "support", "is_blocking": False}
        await self.api.post(f"/v1/releases/{self.release['id']}/work-packages", telling)
        asked = {"team_id": team["id"], "title": feature["title"], "feature_id": feature["id"], "due_on": due_on}
        commitment = await self.api.post("/v1/commitments", asked)
        await self.api.post(f"/v1/commitments/{commitment['id']}/answers", {"answer": "accept"})
        owed = (await self.api.get(f"/v1/teams/{team['id']}/brief"))["owes"]
        waiting = await self.api.get(f"/v1/releases/{self.release['id']}/readiness")
        if waiting["is_ready"] or [each["id"] for each in owed] != [commitment["id"]]:
            raise StepFailed("a release with an unshipped feature is ready, or a team does not know what it owes")
        return Told(f"{team['name']} accepts; the release waits for “{waiting['blockers'][0]['title']}”", team["id"])

    async def ship(self) -> Told:
        feature = self.features[sample.FIRST_STEPS.feature]
        step = {"to": "shipped", "at": self.shipped_at.isoformat(), "actual_effort_days": 14}
        shipped = await self.api.post(f"/v1/features/{feature['id']}/transitions", step)
        await self.api.post(f"/v1/releases/{self.release['id']}/launch", {})
        return Told(
            f"“{shipped['title']}” shipped on {self.shipped_at:%d %B %Y}, and the release is out", shipped["id"]
        )

    async def measure(self) -> Told:
        feature_id = self.features[sample.FIRST_STEPS.feature]["id"]

        async def judged() -> Json | None:
            outcomes = (await self.api.get(f"/v1/features/{feature_id}"))["outcomes"]
            return outcomes[0] if outcomes else None

        self.outcome = outcome = await self.api.until(judged, what="roadmap has taken in the outcome")
        if outcome["verdict"] != "improved":
            raise StepFailed(f"the verdict is {outcome['verdict']}, and the sample was made to improve")
        interval = f"{outcome['effect_low']:.1f} to {outcome['effect_high']:.1f}"
        return Told(f"improved: {outcome['effect']:+.1f} points, surely {interval}", outcome["outcome_id"])

    async def tell(self) -> Told:
        requirement_id = self.requirements[sample.FIRST_STEPS.requirement]["id"]
        path = f"/v1/follow-ups?requirement_id={requirement_id}"

        async def measured() -> list[Json] | None:
            told = (await self.api.get(path))["items"]
            return [each for each in told if each["event"] == "measured"] or None

        told = await self.api.until(measured, what="those who asked have been told of the verdict")
        self.follow_up = told[0]
        if any(each["verdict"] != self.outcome["verdict"] for each in told):
            raise StepFailed("somebody was told another verdict than was measured")
        return Told(f"{len(told)} who asked: “{self.follow_up['subject']}”", self.follow_up["id"])

    async def trace(self) -> Told:
        """The same chain from each end: from the persona and the words to the verdict, and from the verdict back."""
        words, verdict = self.quoted, self.outcome["outcome_id"]
        await self._chain(words, verdict)
        await self._chain(self.persona["id"], verdict)
        chain = await self._chain(verdict, words)
        kinds = Counter(node["type"] for node in chain["nodes"])
        return Told(f"{kinds['feedback']} customers' words lead to the outcome and back, link by link", words)

    async def _chain(self, start: str, end: str) -> Json:
        async def whole() -> Json | None:
            chain = await self.api.get(f"/v1/trace/{start}")
            return chain if end in {node["id"] for node in chain["nodes"]} else None

        return await self.api.until(whole, what=f"the chain from {start} reaches {end}")

    async def _is_understood(self) -> bool | None:
        for feedback_id in (next(iter(self.feedback)), next(reversed(self.feedback))):
            if not await self.api.get(f"/v1/feedback/{feedback_id}/similar"):
                return None
        return True

    async def _wish_of(self, theme: Json) -> Wish | None:
        said = (await self.api.get("/v1/feedback", theme_id=theme["id"], limit=PAGE))["items"]
        wishes = Counter(wish.requirement for piece in said if (wish := VOICES.get(piece["text"])))
        most = wishes.most_common(1)
        if not most or most[0][1] * 2 <= wishes.total():
            return None
        return next(wish for wish in WISHES if wish.requirement == most[0][0])

    def _quotes(self, wish: Wish) -> list[Json]:
        ids = [feedback_id for feedback_id, each in self.feedback.items() if each is wish]
        return [{"feedback_id": id_, "quote": voice} for id_, voice in zip(ids[:3], wish.voices[:3], strict=True)]

    def _promise(self) -> Json:
        due_on = (self.now + timedelta(days=60)).date().isoformat()
        kpi_id = self.kpi["id"]
        return {"kpi_id": kpi_id, "direction": "increase", "low": 2, "likely": 4, "high": 7, "due_on": due_on}
