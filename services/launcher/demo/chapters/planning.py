"""Features promise effects, money is set aside, and the best plan is proved and adopted."""

from datetime import timedelta

from services.launcher.demo import sample
from services.launcher.demo.api import Json, StepFailed
from services.launcher.demo.sample import WISHES
from services.launcher.demo.story import Story, Told


async def plan_features(story: Story) -> Told:
    for wish in WISHES:
        is_first = wish is sample.FIRST_STEPS
        body = {
            "title": wish.feature,
            "product_id": story.product["id"],
            "requirement_ids": [story.requirements[wish.requirement]["id"]],
            "objective_ids": [story.objective["id"]] if is_first else [],
            "effort_days": wish.effort_days,
            "cost": {"amount_minor": wish.cost_eur * 100, "currency": "EUR"},
            "value": round(story.scores[wish.requirement], 2),
            "expected_effects": [_promise(story)] if is_first else [],
        }
        story.features[wish.feature] = await story.api.post("/v1/features", body)
    first = story.features[sample.FIRST_STEPS.feature]
    group = {
        "objective_ids": [story.objective["id"]],
        "feature_ids": [first["id"]],
        "product_id": story.product["id"],
    }
    await story.api.post("/v1/initiatives", sample.INITIATIVE | group)
    claim = {"need_ids": [story.need["id"]], "feature_ids": [first["id"]], "objective_ids": [story.objective["id"]]}
    await story.api.post("/v1/differentiators", sample.DIFFERENTIATOR | claim)
    return Told(f"{len(story.features)} features; “{first['title']}” promises 2 to 7 points", first["id"])


def _promise(story: Story) -> Json:
    """Due yesterday: when the story ends, the last word on it has been said."""
    due_on = (story.now - timedelta(days=1)).date().isoformat()
    kpi_id = story.kpi["id"]
    return {"kpi_id": kpi_id, "direction": "increase", "low": 2, "likely": 4, "high": 7, "due_on": due_on}


async def pay(story: Story) -> Told:
    """A year's money, some of it spent already on what ships first; and what the plan should keep."""
    first = story.features[sample.FIRST_STEPS.feature]
    year = {"starts_on": f"{story.now.year}-01-01", "ends_on": f"{story.now.year}-12-31"}
    name = {"name": f"Harbour {story.run}", "product_id": story.product["id"]}
    budget = await story.api.post("/v1/budgets", {**sample.BUDGET, **year, **name})
    path = f"/v1/budgets/{budget['id']}"
    paid = [feature["id"] for feature in story.features.values()]
    line = await story.api.post(f"{path}/lines", sample.LINE | {"feature_ids": paid})
    spent = {"line_id": line["id"], "feature_id": first["id"], "occurred_on": story.now.date().isoformat()}
    await story.api.post(f"{path}/entries", sample.SPENDING | spent)
    await story.api.post("/v1/constraints", sample.POLICY | {"objective_ids": [story.objective["id"]]})
    total = (await story.api.get(f"{path}/status"))["total"]
    euros = {name: total[name]["amount_minor"] // 100 for name in ("planned", "spent", "available")}
    told = f"{euros['planned']:,} euros planned, {euros['spent']:,} spent, {euros['available']:,} free"
    return Told(told, budget["id"])


async def optimize(story: Story) -> Told:
    story.roadmap = await story.api.post("/v1/roadmaps", {"name": f"Harbour {story.run}"})
    started = await story.api.post(
        "/v1/optimizations",
        {
            "roadmap_id": story.roadmap["id"],
            "feature_ids": [feature["id"] for feature in story.features.values()],
            "budgets": {
                "effort_days": sample.BUDGET_DAYS,
                "cost": {"amount_minor": sample.BUDGET_EUR * 100, "currency": "EUR"},
            },
        },
    )
    await story.api.follow(started)
    story.optimization = await story.api.get(f"/v1/optimizations/{started['optimization_id']}")
    proposal = story.optimization["proposal"]
    if (proposal["status"], proposal["gap"]) != ("optimal", 0):
        raise StepFailed(f"the plan is {proposal['status']} with a gap of {proposal['gap']}")
    if story.features[sample.FIRST_STEPS.feature]["id"] not in proposal["chosen"]:
        raise StepFailed("the most valuable feature was not chosen")
    sentence = f"{len(proposal['chosen'])} of {len(story.features)} features in {sample.BUDGET_DAYS:g} days"
    return Told(f"{sentence}; nothing is worth more than its {proposal['objective']:,.0f}", story.optimization["id"])


async def ask(story: Story) -> Told:
    days = {"kind": "budget", "name": "effort_days", "more": sample.MORE_DAYS}
    money = {"kind": "budget", "name": "cost", "more": sample.MORE_EUR * 100}
    path = f"/v1/optimizations/{story.optimization['id']}"
    started = await story.api.post(f"{path}/what-if", {"changes": [days, money]})
    await story.api.follow(started)
    inquiry = await story.api.get(f"{path}/inquiries/{started['inquiry_id']}")
    both = inquiry["answer"]["together"]
    if not both["is_proved"] or both["gain"] <= 0:
        raise StepFailed(f"half as much again would bring {both['gain']}")
    more = f"{sample.MORE_DAYS:g} days and {sample.MORE_EUR:,} euros more"
    return Told(f"{more} would be worth {both['gain']:,.0f}, proved", inquiry["id"])


async def adopt(story: Story) -> Told:
    pinned = story.features[sample.CURRENCIES.feature]
    place = {"horizon": "later", "is_pinned": True, "reason": "Waits for the new bank, whatever a plan says."}
    await story.api.put(f"/v1/roadmaps/{story.roadmap['id']}/items/{pinned['id']}", place)
    reason = {"reason": "The proved plan for this quarter."}
    changes = await story.api.post(f"/v1/optimizations/{story.optimization['id']}/adopt", reason)
    items = (await story.api.get(f"/v1/roadmaps/{story.roadmap['id']}/items"))["items"]
    if not any(item["feature_id"] == pinned["id"] and item["is_pinned"] for item in items):
        raise StepFailed("a pinned feature was moved")
    return Told(f"{len(changes['placed'])} features placed; what people pinned stayed", story.roadmap["id"])
