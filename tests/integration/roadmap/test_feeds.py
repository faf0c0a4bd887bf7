"""What the neighbours tell reaches the copies, the features and the key results; and the roadmap tells its own."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx
import pytest_asyncio
from fastapi import FastAPI

from services.chassis.consumer import Consumer
from services.chassis.events import EventLog
from services.chassis.feed_sources import LocalSource
from services.chassis.identity import INTERNAL_SCOPE, Principal, TokenSigner
from services.roadmap.app import metrics_handlers, requirement_handlers
from tests.integration.chassis.house import House, migrated, open_house
from tests.integration.roadmap.conftest import Caller
from tests.integration.roadmap.settings import SEED
from tests.integration.roadmap.story import Json, Story
from tests.postgres import PostgresForTests


class Teller:
    """A neighbour's feed, and the roadmap's consumer of it."""

    def __init__(self, house: House, consumer: Consumer, workspace: UUID) -> None:
        self.house, self.consumer, self.workspace = house, consumer, workspace

    async def tell(self, kind: str, subject: str, *, version: int = 1, **data: object) -> None:
        """One event, applied."""
        async with self.house.database.transaction(workspace_id=self.workspace) as session:
            log = EventLog(
                session,
                actor={"id": "key:test", "kind": "key"},
                clock=self.house.database.clock,
                ids=self.house.database.ids,
            )
            noun = kind.partition(".")[0]
            await log.append(kind, subject_type=noun, subject_id=UUID(subject), version=version, data=data)
        await self.consumer.catch_up()


@pytest_asyncio.fixture(scope="session")
async def metrics_house(postgres: PostgresForTests) -> AsyncIterator[House]:
    async with open_house(await migrated(postgres, service="metrics"), service="metrics-told") as house:
        yield house


@pytest_asyncio.fixture
async def metrics(metrics_house: House, roadmap_app: FastAPI, workspace: UUID) -> Teller:
    source = LocalSource(metrics_house.feed)
    return Teller(metrics_house, Consumer(roadmap_app.state.context, source, metrics_handlers()), workspace)


@pytest_asyncio.fixture
async def requirements(metrics_house: House, roadmap_app: FastAPI, workspace: UUID) -> Teller:
    source = LocalSource(metrics_house.feed)
    consumer = Consumer(roadmap_app.state.context, source, requirement_handlers(), name="requirements-told")
    return Teller(metrics_house, consumer, workspace)


async def test_a_verdict_comes_home_to_its_feature(story: Story, metrics: Teller) -> None:
    feature, outcome, kpi = await story.feature(), str(uuid4()), str(uuid4())
    await story.transition(feature, "shipped")
    facts = {"feature_id": feature["id"], "kpi_id": kpi, "effect": 3.5, "effect_low": 1.0, "effect_high": 6.0}
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    await metrics.tell("outcome.measured", outcome, version=2, verdict="inconclusive", measured_at=moment, **facts)
    await metrics.tell("outcome.measured", outcome, version=3, verdict="improved", measured_at=moment, **facts)
    await metrics.tell("outcome.measured", outcome, version=1, verdict="worse", measured_at=moment, **facts)
    shown = await story.get(f"/v1/features/{feature['id']}")
    assert shown["outcomes"] == [
        {
            "outcome_id": outcome,
            "kpi_id": kpi,
            "verdict": "improved",
            "effect": 3.5,
            "effect_low": 1.0,
            "effect_high": 6.0,
            "measured_at": "2026-03-01T00:00:00Z",
        }
    ]


async def test_a_verdict_on_something_unknown_is_no_trouble(story: Story, metrics: Teller) -> None:
    facts = {"feature_id": str(uuid4()), "kpi_id": str(uuid4()), "verdict": "worse"}
    await metrics.tell("outcome.measured", str(uuid4()), **facts)
    assert (await story.get("/v1/features"))["items"] == []


async def test_copies_follow_and_an_older_word_undoes_nothing(
    story: Story, requirements: Teller, caller: Caller, lonely_app: FastAPI
) -> None:
    """Seen through a process whose neighbours do not answer: it has only the copies."""
    lonely = Story(caller(app=lonely_app), story.neighbours, story.workspace)
    told = str(uuid4())
    await lonely.refused("POST", "/v1/features", 503, json={"title": "x", "requirement_ids": [told]})
    await requirements.tell("requirement.created", told, version=1, status="proposed")
    assert (await lonely.feature(requirement_ids=[told]))["requirement_ids"] == [told]
    await requirements.tell("requirement.deleted", told, version=3)
    await requirements.tell("requirement.updated", told, version=2, status="accepted")
    await lonely.refused("POST", "/v1/features", 503, json={"title": "x", "requirement_ids": [told]})


async def test_the_strategy_cites_what_it_was_told_of(
    story: Story, requirements: Teller, metrics: Teller, caller: Caller, lonely_app: FastAPI
) -> None:
    """Themes, companies, requirements and targets, with both neighbours down from the first to the last."""
    lonely = Story(caller(app=lonely_app), story.neighbours, story.workspace)
    theme, company, requirement, target, kpi = (str(uuid4()) for _ in range(5))
    need = {"title": "Be paid on time", "theme_ids": [theme], "company_ids": [company]}
    decision = {"title": "Do it", "rationale": "They pay", "cites": [{"kind": "target", "id": target}]}
    await lonely.refused("POST", "/v1/needs", 503, json=need)
    await lonely.refused("POST", "/v1/decisions", 503, json=decision)
    await requirements.tell("theme.changed", theme, version=2, size=7)
    await requirements.tell("theme.changed", theme, version=1, size=3)
    await requirements.tell("company.created", company)
    await requirements.tell("requirement.created", requirement)
    await metrics.tell("target.created", target, kpi_id=kpi)
    made = await lonely.send("POST", "/v1/needs", status=201, json=need)
    await lonely.send("POST", "/v1/decisions", status=201, json=decision)
    grounds = await lonely.get(f"/v1/needs/{made['id']}/grounds")
    assert (grounds["themes"], grounds["feedback_count"]) == (
        [{"id": theme, "name": None, "size": 7, "quote": None}],
        7,
    )
    assert grounds["themes_as_of"] is not None
    pain = {"title": "Chasing", "need_id": made["id"], "theme_ids": [theme], "requirement_ids": [requirement]}
    await lonely.send("POST", "/v1/pain-points", status=201, json=pain)
    coverage = await lonely.get("/v1/strategy/coverage")
    assert [each["broken_at"] for each in coverage["needs_without_features"]["items"]] == ["no_feature"]
    await lonely.feature(requirement_ids=[requirement])
    assert (await lonely.get("/v1/strategy/coverage"))["needs_covered"] == 1
    await requirements.tell("company.updated", company, version=2, merged_into_id=uuid4())
    await lonely.refused("POST", "/v1/needs", 503, json=need)


async def ask(app: FastAPI, path: str, scope: str, workspace: UUID, **content: object) -> Json:
    principal = Principal("system:tests", "system", workspace, None, frozenset({scope}))
    token = TokenSigner(SEED, issuer="tests").sign(principal, audience="roadmap")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://roadmap") as client:
        method = "POST" if content else "GET"
        headers = {"Authorization": f"Bearer {token}"}
        answer = await client.request(method, path, headers=headers, **content)  # type: ignore[arg-type]
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


async def test_the_snapshot_brings_what_shipped_as_shipped(story: Story, roadmap_app: FastAPI) -> None:
    objective, feature = await story.objective(), await story.feature()
    await story.feature("Still open")
    await story.transition(feature, "shipped")
    found: list[tuple[str, str]] = []
    cursor = ""
    while cursor is not None:
        page = await ask(roadmap_app, f"/internal/snapshot{cursor}", INTERNAL_SCOPE, story.workspace)
        found += [
            (item["type"], item["subject"]) for item in page["items"] if item["workspaceid"] == str(story.workspace)
        ]
        cursor = f"?cursor={page['next']}" if page["next"] else None
    assert ("objective.updated", objective["id"]) in found
    assert [subject for kind, subject in found if kind == "feature.shipped"] == [feature["id"]]
    assert len([kind for kind, _ in found if kind == "feature.updated"]) == 2


async def test_the_trace_knows_cause_and_consequence(story: Story, metrics: Teller, roadmap_app: FastAPI) -> None:
    kpi, requirement = story.neighbours.kpi(story.workspace), story.neighbours.requirement(story.workspace)
    result = {"title": "Nine in ten", "kpi_id": kpi, "start_value": 82, "target_value": 90}
    objective = await story.objective(key_results=[result])
    effect = {"kpi_id": kpi, "direction": "increase", "low": 1, "likely": 2, "high": 3, "due_on": "2027-01-01"}
    feature = await story.feature(
        requirement_ids=[requirement], objective_ids=[objective["id"]], expected_effects=[effect]
    )
    await story.transition(feature, "shipped")
    outcome = str(uuid4())
    await metrics.tell("outcome.measured", outcome, feature_id=feature["id"], kpi_id=kpi, verdict="improved")
    key_result = objective["key_results"][0]["id"]

    async def edges(*ids: str) -> set[tuple[str, str, str]]:
        query = {"ids": list(ids)}
        fragment = await ask(roadmap_app, "/internal/trace", "roadmap:read", story.workspace, json=query)
        return {(edge["from"], edge["kind"], edge["to"]) for edge in fragment["edges"]}

    assert await edges(feature["id"]) == {
        (requirement, "becomes", feature["id"]),
        (objective["id"], "served_by", feature["id"]),
        (key_result, "worked_on_by", feature["id"]),
        (feature["id"], "led_to", outcome),
    }
    assert await edges(requirement) == {(requirement, "becomes", feature["id"])}
    assert await edges(outcome, str(uuid4())) == {(feature["id"], "led_to", outcome)}
    assert (objective["id"], "measured_by", key_result) in await edges(objective["id"])
    cited = {"title": "Do more", "rationale": "It worked", "cites": [{"kind": "outcome", "id": outcome}]}
    decision = await story.send("POST", "/v1/decisions", status=201, json=cited)
    next_step = await story.feature("Next step")
    await story.place(await story.roadmap(), next_step, reason=None, decision_id=decision["id"])
    assert await edges(decision["id"]) == {
        (outcome, "cited_by", decision["id"]),
        (decision["id"], "changed", next_step["id"]),
    }
