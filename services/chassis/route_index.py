"""Finds a path's route among hundreds without trying them one after another.

The framework asks each route in turn whether it matches, which costs a request up to a millisecond where there are 250.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import cast

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from services.chassis.routing import Router

Key = tuple[int, str]
"""How many segments a path has, and the first word after `/v1/`: no parameter stands in that place."""


class RouteIndex(BaseRoute):
    """All of an application's routes, by what tells most paths apart.

    Of several that match, the first one declared answers, as everywhere in the framework.
    """

    def __init__(self, routes: Sequence[Route]) -> None:
        self.routes = routes
        self._found: dict[Key, list[Route]] = defaultdict(list)
        for route in routes:
            key = _key(route.path_format)
            if "{" in key[1] or ":path}" in route.path:
                raise ValueError(f"{route.path} cannot be told from others by its first word and its length")
            self._found[key].append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The route's own answer; a route that takes other methods only where no other takes this one."""
        partial: Scope | None = None
        if scope["type"] == "http":
            for route in self._found.get(_key(scope["path"]), ()):
                match, child = route.matches(scope)
                if match is Match.FULL:
                    return match, child
                if match is Match.PARTIAL and partial is None:
                    partial = child
        return (Match.NONE, {}) if partial is None else (Match.PARTIAL, partial)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["route"].handle(scope, receive, send)


def include(app: FastAPI, routers: Iterable[Router | APIRouter]) -> None:
    """Give the application these routers' routes as they are.

    The framework's own way makes each route a second time, for what an inclusion may add to it: ours add nothing.
    """
    found = [router.api if isinstance(router, Router) else router for router in routers]
    routes = [cast("Route", route) for router in found for route in router.routes]
    app.router.routes.append(RouteIndex(routes))


def routes_of(app: FastAPI) -> list[BaseRoute]:
    """Every route of the application, for who describes or counts them."""
    return [each for route in app.routes for each in (route.routes if isinstance(route, RouteIndex) else (route,))]


def _key(path: str) -> Key:
    segments = path.split("/")
    word = segments[2] if len(segments) > 2 and segments[1] == "v1" else segments[1] if len(segments) > 1 else ""
    return len(segments), word
