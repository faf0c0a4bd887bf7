"""Requirements and metrics as the roadmap sees them from outside: an HTTP server that answers lists by id."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import uvicorn
from fastapi import FastAPI, Header, HTTPException

from services.chassis.identity import TokenVerifier
from tests.integration.roadmap.settings import SEED


@dataclass
class Neighbours:
    """What there is, by workspace."""

    things: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    figures: dict[UUID, list[float | None]] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Feedback by the id that whoever handed it over gave it."""
    revenues: dict[UUID, list[dict[str, Any]]] = field(default_factory=dict)
    url: str = ""

    def requirement(self, workspace_id: UUID, title: str = "Find the export", *, status: str = "accepted") -> str:
        return self._add(workspace_id, "requirements", title=title, status=status, kind="improvement")

    def kpi(self, workspace_id: UUID, name: str = "Activation rate") -> str:
        return self._add(workspace_id, "kpis", name=name, unit="percent", direction="increase")

    def theme(self, workspace_id: UUID, name: str = "Late payers, reminder", size: int = 12) -> str:
        return self._add(workspace_id, "themes", name=name, size=size, quote="I chase them by hand.")

    def company(self, workspace_id: UUID) -> str:
        return self._add(workspace_id, "companies", name="Example Ltd")

    def ranking(self, workspace_id: UUID, scores: dict[str, float]) -> str:
        lines = [{"requirement_id": each, "score": score} for each, score in scores.items()]
        return self._add(workspace_id, "prioritizations", name="Spring planning", ranking=lines)

    def target(self, workspace_id: UUID) -> str:
        return self._add(workspace_id, "targets")

    def _add(self, workspace_id: UUID, noun: str, **facts: Any) -> str:
        thing_id = uuid4()
        self.things[thing_id] = {"id": str(thing_id), "etag": '"1"', "of": (str(workspace_id), noun), **facts}
        return str(thing_id)

    def app(self) -> FastAPI:
        app = FastAPI()

        async def answer(noun: str, ids: str, authorization: str) -> Any:
            audience = "metrics" if noun in {"kpis", "targets"} else "requirements"
            principal = TokenVerifier(SEED, audience=audience).verify(authorization.removeprefix("Bearer "))
            principal.require("feedback:read" if noun == "companies" else f"{audience}:read")
            wanted = [self.things.get(UUID(each)) for each in ids.split(",")]
            of = (str(principal.workspace_id), noun)
            return {"items": [each for each in wanted if each and each["of"] == of], "next_cursor": None}

        @app.get("/v1/requirements")
        async def list_requirements(ids: str, limit: int, authorization: str = Header()) -> Any:
            return await answer("requirements", ids, authorization)

        @app.get("/v1/themes")
        async def list_themes(ids: str, limit: int, authorization: str = Header()) -> Any:
            return await answer("themes", ids, authorization)

        @app.get("/v1/companies")
        async def list_companies(ids: str, limit: int, authorization: str = Header()) -> Any:
            return await answer("companies", ids, authorization)

        @app.get("/v1/targets")
        async def list_targets(ids: str, limit: int, authorization: str = Header()) -> Any:
            return await answer("targets", ids, authorization)

        @app.get("/v1/kpis")
        async def list_kpis(ids: str, limit: int, authorization: str = Header()) -> Any:
            return await answer("kpis", ids, authorization)

        @app.get("/v1/prioritizations/{prioritization_id}")
        async def get_prioritization(prioritization_id: UUID, authorization: str = Header()) -> Any:
            principal = TokenVerifier(SEED, audience="requirements").verify(authorization.removeprefix("Bearer "))
            found = self.things.get(prioritization_id)
            if found is None or found["of"] != (str(principal.workspace_id), "prioritizations"):
                raise HTTPException(404)
            return found

        @app.put("/v1/feedback/by-external-id/{source}/{external_id}")
        async def put_feedback(
            source: str, external_id: str, content: dict[str, Any], authorization: str = Header()
        ) -> Any:
            principal = TokenVerifier(SEED, audience="requirements").verify(authorization.removeprefix("Bearer "))
            principal.require("feedback:write")
            known = self.answers.setdefault(external_id, {"id": str(uuid4()), "etag": '"1"'})
            known |= content | {"source": source, "of": str(principal.workspace_id)}
            return known

        self._tell_figures(app)
        return app

    def _tell_figures(self, app: FastAPI) -> None:
        @app.get("/v1/companies/{company_id}/revenues")
        async def list_revenues(company_id: UUID, limit: int) -> Any:
            return {"items": self.revenues.get(company_id, [])}

        @app.get("/v1/kpis/{kpi_id}/series")
        async def get_series(kpi_id: UUID) -> Any:
            points = [{"ends_at": "2026-03-01T00:00:00Z", "value": value} for value in self.figures.get(kpi_id, [])]
            return {"points": points}


@asynccontextmanager
async def running_neighbours() -> AsyncIterator[Neighbours]:
    """Serves on a free port of loopback."""
    neighbours = Neighbours()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        config = uvicorn.Config(neighbours.app(), log_level="error", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        server.config.load()
        server.lifespan = server.config.lifespan_class(server.config)
        await server.startup(sockets=[listening])
        neighbours.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        yield neighbours
        await server.shutdown()
