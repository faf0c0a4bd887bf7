"""What a product team does with the roadmap, in few words."""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from tests.integration.roadmap.neighbours import Neighbours

Json = dict[str, Any]
FINAL = {"succeeded", "failed", "cancelled"}


@dataclass
class Story:
    """One team in one workspace; each method answers the resource, and fails the test when refused."""

    client: httpx.AsyncClient
    neighbours: Neighbours
    workspace: UUID

    async def send(self, method: str, path: str, *, status: int, **content: Any) -> Json:
        answer = await self.client.request(method, path, **content)
        assert answer.status_code == status, answer.text
        return dict(answer.json()) if answer.content else {}

    async def get(self, path: str) -> Json:
        return await self.send("GET", path, status=200)

    async def refused(self, method: str, path: str, status: int, **content: Any) -> Json:
        """The problem document."""
        problem = await self.send(method, path, status=status, **content)
        assert problem["status"] == status
        return problem

    async def feature(self, title: str = "Export button", **fields: Any) -> Json:
        return await self.send("POST", "/v1/features", status=201, json={"title": title, **fields})

    async def change(self, resource: Json, path: str, **fields: Any) -> Json:
        headers = {"If-Match": resource["etag"]}
        return await self.send("PATCH", path, status=200, json=fields, headers=headers)

    async def transition(self, feature: Json, to: str, **fields: Any) -> Json:
        path = f"/v1/features/{feature['id']}/transitions"
        return await self.send("POST", path, status=200, json={"to": to, **fields})

    async def objective(self, title: str = "Users stay", **fields: Any) -> Json:
        return await self.send("POST", "/v1/objectives", status=201, json={"title": title, **fields})

    async def roadmap(self, name: str = "Product 2027") -> Json:
        return await self.send("POST", "/v1/roadmaps", status=201, json={"name": name})

    async def place(self, roadmap: Json, feature: Json, **fields: Any) -> Json:
        path = f"/v1/roadmaps/{roadmap['id']}/items/{feature['id']}"
        body = {"reason": "Agreed in planning", **fields}
        return await self.send("PUT", path, status=200, json=body)

    async def items(self, roadmap: Json) -> dict[str, Json]:
        page = await self.get(f"/v1/roadmaps/{roadmap['id']}/items")
        return {item["feature"]["title"]: item for item in page["items"]}

    async def optimize(self, **question: Any) -> Json:
        """Ask, and wait for the proposal."""
        started = await self.send("POST", "/v1/optimizations", status=202, json=question)
        await self.until_final(f"/v1/operations/{started['id']}")
        return await self.get(f"/v1/optimizations/{started['optimization_id']}")

    async def until_final(self, path: str) -> Json:
        async with asyncio.timeout(30):
            while True:
                operation = await self.get(path)
                if operation["state"] in FINAL:
                    return operation
                await asyncio.sleep(0.05)
