"""How a route is declared: with its scope and its example, or not at all."""

import functools
import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar, get_type_hints

from fastapi import APIRouter

from services.chassis.answers import AnswerShape, Held
from services.chassis.contract_route import CONTRACT, ContractRoute, RouteContract
from services.chassis.route_documents import describe

Handler = TypeVar("Handler", bound=Callable[..., Awaitable[Any]])

JSON = ("application/json",)
MERGE_PATCH = ("application/merge-patch+json", "application/json")
NDJSON = ("application/x-ndjson",)


class UndeclaredScope(Exception):
    """A route says neither which scope it needs nor that it is public."""


class Router:
    """A feature's routes; each keeps the whole contract by being declared here."""

    def __init__(self, *, prefix: str, tags: Sequence[str]) -> None:
        self.prefix = prefix
        self.api = APIRouter(prefix=prefix, tags=list(tags), route_class=ContractRoute)

    def get(self, path: str = "", **declared: Any) -> Callable[[Handler], Handler]:
        """Declare a read; see `route`."""
        return self.route("GET", path, **declared)

    def post(self, path: str = "", **declared: Any) -> Callable[[Handler], Handler]:
        """Declare a creation or an action; takes Idempotency-Key; see `route`."""
        return self.route("POST", path, **declared)

    def put(self, path: str = "", **declared: Any) -> Callable[[Handler], Handler]:
        """Declare a replacement or an upsert; see `route`."""
        return self.route("PUT", path, **declared)

    def patch(self, path: str = "", **declared: Any) -> Callable[[Handler], Handler]:
        """Declare a merge patch (RFC 7396); takes Idempotency-Key; see `route`."""
        return self.route("PATCH", path, **{"accepts": MERGE_PATCH, **declared})

    def delete(self, path: str = "", **declared: Any) -> Callable[[Handler], Handler]:
        """Declare a removal; see `route`."""
        return self.route("DELETE", path, **declared)

    def route(
        self,
        method: str,
        path: str,
        *,
        scope: str | None = None,
        public: bool = False,
        example: Any = None,
        accepts: Sequence[str] = JSON,
        max_body_bytes: int = 1024 * 1024,
        unit_of_work: bool = True,
        answers: Sequence[int] = (),
        status: int | None = None,
        content: Any = None,
        include_in_schema: bool = True,
        extra: dict[str, Any] | None = None,
        **more: Any,
    ) -> Callable[[Handler], Handler]:
        """Declare a route.

        `scope` is what the caller's key or role must hold, `public` is for the few routes that need no caller.
        `example` is the body that the documentation shows; `answers` are statuses beyond the usual ones.
        `content` is what the answer holds where the handler writes the bytes itself, and returns a Response.
        With `unit_of_work=False` the handler opens its own transactions (group commit, streams).
        `extra` is merged into the OpenAPI operation; anything else goes to FastAPI as it is.
        """
        if (scope is None) == (not public):
            raise UndeclaredScope(f"{method} {self.prefix}{path}: declare a scope, or public=True, and not both")

        def declare(handler: Handler) -> Handler:
            shape = AnswerShape.of(get_type_hints(handler, include_extras=True).get("return"))
            if status is not None:
                shape = AnswerShape(status, shape.content)
            if content is not None:
                shape = AnswerShape(shape.status, content)
            contract = RouteContract(
                method=method,
                path=f"{self.prefix}{path}",
                scope=scope,
                accepts=tuple(accepts),
                max_body_bytes=max_body_bytes,
                is_idempotent_by_key=method in {"POST", "PATCH"} and not public and unit_of_work,
                has_unit_of_work=unit_of_work,
                shape=shape,
            )
            endpoint = _endpoint(handler, contract)
            self.api.add_api_route(
                path,
                endpoint,
                methods=[method],
                response_model=shape.content,
                status_code=shape.status,
                name=handler.__name__,
                operation_id=operation_id(handler.__name__),
                include_in_schema=include_in_schema,
                **describe(contract, handler, example=example, answers=answers, extra=extra),
                **more,
            )
            return handler

        return declare


def operation_id(name: str) -> str:
    """`create_feedback` is shown as `feedback_create`: generated clients then group by noun."""
    verb, _, noun = name.partition("_")
    return f"{noun}_{verb}" if noun else verb


def _endpoint(handler: Callable[..., Awaitable[Any]], contract: RouteContract) -> Callable[..., Awaitable[Held]]:
    """The handler under its own signature, its result kept as it is for the route class to render."""

    @functools.wraps(handler)
    async def endpoint(**arguments: Any) -> Held:
        return Held(await handler(**arguments))

    setattr(endpoint, CONTRACT, contract)
    vars(endpoint)["__signature__"] = inspect.signature(handler)
    return endpoint
