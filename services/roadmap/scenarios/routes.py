"""HTTP for versions and scenarios."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch, IfMatchIfSent
from services.chassis.pagination import Paging
from services.chassis.routing import Router
from services.chassis.types import Page
from services.roadmap.scenarios.comparing import ScenarioComparer
from services.roadmap.scenarios.schemas import (
    ScenarioComparison,
    ScenarioCreate,
    ScenarioItemPut,
    ScenarioItemRead,
    ScenarioMergeCreate,
    ScenarioMergeRead,
    ScenarioRead,
    ScenarioUpdate,
    VersionChanges,
    VersionCreate,
    VersionRead,
    WholeVersionRead,
)
from services.roadmap.scenarios.service import ScenarioService
from services.roadmap.scenarios.versions import VersionService

versions_router = Router(prefix="/v1/roadmaps/{roadmap_id}/versions", tags=["Scenarios"])
router = Router(prefix="/v1/scenarios", tags=["Scenarios"])
Versions = Annotated[VersionService, Depends(VersionService)]
Scenarios = Annotated[ScenarioService, Depends(ScenarioService)]
Comparer = Annotated[ScenarioComparer, Depends(ScenarioComparer)]
HIRED = {
    "roadmap_id": "01983a7c-3b1e-7d5a-9c44-2f7e8d9b0a13",
    "name": "Two more designers",
    "description": "What moves up if we hire in January?",
}
EARLIER = {"horizon": "next", "starts_on": "2027-02-01", "ends_on": "2027-02-19"}


@versions_router.post(scope="roadmap:write", example={"name": "Plan for the board", "note": "As agreed in December."})
async def create_roadmap_version(roadmap_id: UUID, new: VersionCreate, versions: Versions) -> Created[VersionRead]:
    """Publish a roadmap as a version.

    It keeps where every feature stands now, under a name and a number, and can never be changed.
    """
    return created(await versions.publish(roadmap_id, new))


@versions_router.get(scope="roadmap:read")
async def list_roadmap_versions(roadmap_id: UUID, versions: Versions, page: Paging) -> Page[VersionRead]:
    """List the versions of a roadmap, newest first."""
    return await versions.search(roadmap_id, page)


@versions_router.get("/{version_id}", scope="roadmap:read")
async def get_roadmap_version(roadmap_id: UUID, version_id: UUID, versions: Versions) -> WholeVersionRead:
    """Read a version with the place of every feature in it."""
    return WholeVersionRead.model_validate(await versions.get(roadmap_id, version_id))


@versions_router.get("/{version_id}/changes", scope="roadmap:read")
async def compare_roadmap_version(
    roadmap_id: UUID,
    version_id: UUID,
    versions: Versions,
    to: Annotated[UUID | None, Query(description="Another version; without it, the roadmap as it is now.")] = None,
) -> VersionChanges:
    """Read what differs between a version and another one, or the roadmap as it is now.

    Feature by feature: what was placed, moved or removed, what of its place is another, and the reasons and decisions
    that were given when it was moved.
    """
    return await versions.changes(roadmap_id, version_id, to=to)


@router.post(scope="roadmap:write", example=HIRED)
async def create_scenario(new: ScenarioCreate, scenarios: Scenarios) -> Created[ScenarioRead]:
    """Branch a scenario off a roadmap.

    It begins as a copy of the living roadmap, or of one of its versions. Move things about in it as you like: the
    roadmap is not touched before you merge.
    """
    return created(await scenarios.branch(new))


@router.get(scope="roadmap:read")
async def list_scenarios(
    scenarios: Scenarios,
    page: Paging,
    roadmap_id: Annotated[UUID | None, Query(description="Only scenarios of this roadmap.")] = None,
) -> Page[ScenarioRead]:
    """List scenarios, newest first."""
    return await scenarios.search(page, roadmap_id=roadmap_id)


@router.get("/{scenario_id}", scope="roadmap:read")
async def get_scenario(scenario_id: UUID, scenarios: Scenarios) -> ScenarioRead:
    """Read a scenario; its ETag changes with every place in it."""
    return ScenarioRead.model_validate(await scenarios.get(scenario_id))


@router.patch("/{scenario_id}", scope="roadmap:write", example={"name": "Three more designers"})
async def update_scenario(
    scenario_id: UUID, change: ScenarioUpdate, scenarios: Scenarios, if_match: IfMatch
) -> ScenarioRead:
    """Rename a scenario, or describe it."""
    return ScenarioRead.model_validate(await scenarios.update(scenario_id, change, if_match=if_match))


@router.delete("/{scenario_id}", scope="roadmap:write")
async def delete_scenario(scenario_id: UUID, scenarios: Scenarios, if_match: IfMatch) -> None:
    """Drop a scenario; what was merged of it stays."""
    await scenarios.delete(scenario_id, if_match=if_match)


@router.get("/{scenario_id}/items", scope="roadmap:read")
async def list_scenario_items(scenario_id: UUID, scenarios: Scenarios, page: Paging) -> Page[ScenarioItemRead]:
    """List what stands in a scenario, last placed first."""
    return await scenarios.search_items(scenario_id, page)


@router.get("/{scenario_id}/items/{feature_id}", scope="roadmap:read")
async def get_scenario_item(scenario_id: UUID, feature_id: UUID, scenarios: Scenarios) -> ScenarioItemRead:
    """Read a feature's place in a scenario."""
    return ScenarioItemRead.model_validate(await scenarios.get_item(scenario_id, feature_id))


@router.put("/{scenario_id}/items/{feature_id}", scope="roadmap:write", example=EARLIER)
async def put_scenario_item(
    scenario_id: UUID, feature_id: UUID, put: ScenarioItemPut, scenarios: Scenarios, if_match: IfMatchIfSent
) -> ScenarioItemRead:
    """Place a feature in a scenario, or change its place there.

    To change an item that is there already, send its ETag in If-Match; a new one needs none.
    """
    return ScenarioItemRead.model_validate(await scenarios.put_item(scenario_id, feature_id, put, if_match=if_match))


@router.delete("/{scenario_id}/items/{feature_id}", scope="roadmap:write")
async def delete_scenario_item(scenario_id: UUID, feature_id: UUID, scenarios: Scenarios, if_match: IfMatch) -> None:
    """Take a feature off a scenario."""
    await scenarios.remove_item(scenario_id, feature_id, if_match=if_match)


@router.get("/{scenario_id}/comparison", scope="roadmap:read")
async def get_comparison(scenario_id: UUID, comparer: Comparer) -> ScenarioComparison:
    """Compare a scenario with the living roadmap, side by side.

    Both in a few numbers (effort, value, cost, end, deadlines missed, weeks too full), each feature that stands
    elsewhere, what each side changed since the scenario branched off, and where a merge would meet a conflict.
    """
    return await comparer.compare(scenario_id)


@router.post("/{scenario_id}/merge", scope="roadmap:write", example={"reason": "The board agreed to hire."})
async def merge_scenario(scenario_id: UUID, new: ScenarioMergeCreate, scenarios: Scenarios) -> ScenarioMergeRead:
    """Merge a scenario into the living roadmap.

    What only the scenario changed is carried over, what the roadmap changed meanwhile stays. Where both changed the
    same part of a feature's place, the answer is 409 with `conflicts`, and nothing is changed: send `decided` to say
    for each whose part is taken. Say why, in words or by a decision: it stands with every change that the merge makes.
    """
    return await scenarios.merge(scenario_id, new)
