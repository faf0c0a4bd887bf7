"""A link that shows the story's roadmap to anybody: its token is told only once, so that no list has it."""

import httpx

from services.launcher.demo.loop import Loop


async def token_of_a_share_link(owner: httpx.AsyncClient, loop: Loop) -> str:
    audience = await owner.post("/v1/audiences", json={"name": "Whoever holds the link", "kind": "customer"})
    assert audience.status_code == 201, audience.text
    new = {"name": "Walk", "roadmap_id": loop.roadmap["id"], "audience_id": audience.json()["id"]}
    link = await owner.post("/v1/share-links", json=new)
    assert link.status_code == 201, link.text
    return str(link.json()["token"])
