"""The life of one request inside a service: who, what, one transaction, then the answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import PARAM_REGEX, compile_path

from services.chassis.answers import AnswerShape, Held
from services.chassis.concurrency import matches_none
from services.chassis.content_coding import body_in
from services.chassis.context import ServiceContext
from services.chassis.deadline import deadline_from
from services.chassis.errors import ContentTooLarge, FieldError, Invalid, Unauthenticated, UnsupportedMediaType
from services.chassis.idempotency import Replay, guard_for
from services.chassis.identity import Principal
from services.chassis.preferences import answer_when_done
from services.chassis.problems import problem_of, render
from services.chassis.strict_json import parse_json
from services.chassis.unit_of_work import UnitOfWork

CONTRACT = "__contract__"
# RFC 9110 section 15.4.5, and the policy: a browser puts what a 304 says in the place of what it had stored.
KEPT_WITH_304 = frozenset({"etag", "cache-control", "vary", "content-security-policy", "referrer-policy"})


@dataclass(frozen=True)
class RouteContract:
    """What a route was declared with."""

    method: str
    path: str
    scope: str | None
    accepts: tuple[str, ...]
    max_body_bytes: int
    is_idempotent_by_key: bool
    has_unit_of_work: bool
    shape: AnswerShape


class ContractRequest(Request):
    """A request whose body is bounded, and whose JSON was read strictly before the framework asks for it."""

    async def read_body(self, *, limit: int) -> bytes:
        """Raises ContentTooLarge as soon as more than `limit` bytes are announced or have come."""
        announced = self.headers.get("content-length", "0")
        if announced.isdecimal() and int(announced) > limit:
            raise ContentTooLarge(f"At most {limit} bytes.")
        body = body_in(self.headers.get("content-encoding", ""), limit=limit)
        async for part in self.stream():
            body.feed(part)
        self._body = body.whole()
        return self._body

    async def read_json(self) -> None:
        self._json = parse_json(await self.body())


class ContractRoute(APIRoute):
    """Every route of the API: authenticates, checks the input's form, runs the unit of work, renders failures.

    A service has hundreds, and a start uses a few: what the framework makes of a handler's signature (its parameters,
    their validators, the validators of its answers) is made when a route is first called or described. Until then it
    is known by what it was declared with.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **declared: Any) -> None:
        self.path, self.endpoint, self.name = path, endpoint, declared["name"]
        self.include_in_schema: bool = declared["include_in_schema"]
        self.methods: set[str] = set(declared["methods"])
        self.path_format = PARAM_REGEX.sub(r"{\1}", path)
        self._declared: dict[str, Any] | None = declared

    @property
    def is_made(self) -> bool:
        """Whether the framework's part stands already."""
        return self._declared is None

    def __getattr__(self, name: str) -> Any:
        """Asked for what is not made yet: make it, or what tells a path as its own, which is looked for first."""
        declared = vars(self).get("_declared")
        if declared is None:
            raise AttributeError(name)
        if name in {"path_regex", "param_convertors"}:
            self.path_regex, _, self.param_convertors = compile_path(self.path)
            return vars(self)[name]
        self._declared = None
        super().__init__(self.path, self.endpoint, **declared)
        return getattr(self, name)

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        answer = super().get_route_handler()
        contract: RouteContract = getattr(self.endpoint, CONTRACT)
        known_parameters = frozenset(_query_names(self.dependant))
        has_body = self.body_field is not None

        async def handle(request: Request) -> Response:
            strict = ContractRequest(request.scope, request.receive)
            try:
                with deadline_from(request.headers):
                    principal = _authenticate(strict, contract)
                    _check_parameters(strict, known_parameters)
                    await _check_body(strict, contract, has_body=has_body)
                    strict.state.principal = principal
                    if principal is None or not contract.has_unit_of_work:
                        return _not_modified(strict, _rendered(await answer(strict), contract, strict))
                    return await _in_unit_of_work(strict, contract, principal, answer)
            except Exception as fault:  # noqa: BLE001 -- the wall: whatever it is, the caller gets a problem document
                return render(problem_of(fault), strict)

        return handle


async def _in_unit_of_work(
    request: ContractRequest,
    contract: RouteContract,
    principal: Principal,
    answer: Callable[[Request], Awaitable[Response]],
) -> Response:
    context: ServiceContext = request.app.state.context
    guard = None
    if contract.is_idempotent_by_key:
        guard = guard_for(
            request,
            principal,
            route=contract.path,
            body=await request.body(),
            now=context.clock.now(),
            lifetime=context.idempotency_lifetime,
        )
    work = UnitOfWork(
        context,
        principal,
        guard=guard,
        read_only=contract.method == "GET",
        source=request.headers.get("x-forwarded-for", "")[:200],
        is_unconditional=request.headers.get("if-match") == "*",
    )
    request.state.work = work
    try:
        response = _rendered(await answer(request), contract, request)
        await work.finish(response)
    except Replay as replay:
        await work.abandon(None)
        return replay.response
    except Exception as fault:  # noqa: BLE001 -- rendered here, so that a lasting failure is kept for its key
        response = render(problem_of(fault), request)
        await _abandon(work, response)
    finally:
        await work.close()
    if response.status_code == 202:
        return await answer_when_done(request, response, context=context, principal=principal)
    return _not_modified(request, response)


def _rendered(response: Response, contract: RouteContract, request: Request) -> Response:
    return contract.shape.render(response.result, request) if isinstance(response, Held) else response


async def _abandon(work: UnitOfWork, failure: Response) -> None:
    try:
        await work.abandon(failure)
    except Replay:
        return


def _not_modified(request: Request, response: Response) -> Response:
    etag, accepted = response.headers.get("etag"), request.headers.get("if-none-match")
    if request.method == "GET" and response.status_code == 200 and etag and accepted and matches_none(accepted, etag):
        kept = {name: value for name, value in response.headers.items() if name in KEPT_WITH_304}
        return Response(status_code=304, headers=kept)
    return response


def _authenticate(request: Request, contract: RouteContract) -> Principal | None:
    if contract.scope is None:
        return None
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    context: ServiceContext = request.app.state.context
    principal = context.verifier.verify(token)
    principal.require(contract.scope)
    return principal


def _check_parameters(request: Request, known: frozenset[str]) -> None:
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        raise Invalid(
            errors=[FieldError(f"query/{name}", "This parameter is not known here.", "unknown") for name in unknown]
        )


async def _check_body(request: ContractRequest, contract: RouteContract, *, has_body: bool) -> None:
    if not await request.read_body(limit=contract.max_body_bytes) or request.method in {"GET", "DELETE"}:
        return
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in contract.accepts:
        raise UnsupportedMediaType(f"Send {' or '.join(contract.accepts)}.")
    if has_body:
        await request.read_json()


def _query_names(dependant: Any) -> list[str]:
    names = [field.alias for field in dependant.query_params]
    return names + [name for below in dependant.dependencies for name in _query_names(below)]
