"""The roadmap as this service sees it from outside: an HTTP server that answers lists by id, and what fits."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import uvicorn
from fastapi import FastAPI, Header, HTTPException

from services.chassis.identity import TokenVerifier
from tests.integration.requirements.conftest import SEED


@dataclass
class RoadmapDouble:
    """What there is, by collection; which days are free; and whether it answers at all."""

    url: str = ""
    is_down: bool = False
    free_days: dict[str, float] = field(default_factory=dict)
    ids: dict[str, set[str]] = field(default_factory=lambda: {"objectives": set(), "personas": set(), "needs": set()})

    def add(self, collection: str) -> str:
        made = str(uuid4())
        self.ids[collection].add(made)
        return made

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/v1/{collection}")
        async def answer(collection: str, ids: str, limit: int, authorization: str = Header()) -> Any:
            if self.is_down:
                raise HTTPException(503)
            TokenVerifier(SEED, audience="roadmap").verify(authorization.removeprefix("Bearer ")).require(
                "roadmap:read"
            )
            return {"items": [{"id": each, "title": "?"} for each in ids.split(",") if each in self.ids[collection]]}

        @app.post("/v1/workload/fit")
        async def fit(asked: dict[str, Any], authorization: str = Header()) -> Any:
            if self.is_down:
                raise HTTPException(503)
            TokenVerifier(SEED, audience="roadmap").verify(authorization.removeprefix("Bearer ")).require(
                "roadmap:read"
            )
            if any(need["team_id"] for need in asked["needs"]):
                raise HTTPException(422, "There is no such team.")
            left, needs = dict(self.free_days), []
            for need in asked["needs"]:
                taken = min(need["days"], left.get(need["skill"], 0))
                left[need["skill"]] = left.get(need["skill"], 0) - taken
                needs.append({**need, "free_days": taken, "short_days": need["days"] - taken})
            return {"fits": not any(need["short_days"] for need in needs), "needs": needs}

        return app


@asynccontextmanager
async def running_roadmap() -> AsyncIterator[RoadmapDouble]:
    """Serves on a free port of loopback."""
    double = RoadmapDouble()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        config = uvicorn.Config(double.app(), log_level="error", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        config.load()
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[listening])
        double.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        yield double
        await server.shutdown()
