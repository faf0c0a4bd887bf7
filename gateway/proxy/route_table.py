"""Which service answers which path: read from the documents that the services publish, so it cannot drift from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# What is reached from outside: the API, and where exporters of OpenTelemetry expect theirs.
PUBLIC_PREFIXES = ("/v1/", "/otlp/v1/")
METHODS = ("get", "put", "post", "delete", "patch")


class RouteClash(Exception):
    """Two services claim the same path, and no id in it says whose it is."""


@dataclass(slots=True)
class Route:
    """A path template, with the methods that each service takes there; `public` ones need no caller.

    Foreign protocols may know no other way to show a key than HTTP Basic: their documents say so.
    """

    template: str
    methods: dict[str, frozenset[str]] = field(default_factory=dict)
    public: frozenset[str] = frozenset()
    takes_basic: bool = False

    @property
    def owner(self) -> str | None:
        """The service, when there is only one."""
        return next(iter(self.methods)) if len(self.methods) == 1 else None


@dataclass(slots=True)
class _Node:
    literal: dict[str, "_Node"] = field(default_factory=dict)
    parameter: "_Node | None" = None
    route: Route | None = None


class RouteTable:
    """A tree of path segments; literal segments win over parameters."""

    def __init__(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        self._root = _Node()
        for service, document in documents.items():
            for template, item in document.get("paths", {}).items():
                if template.startswith(PUBLIC_PREFIXES):
                    self._add(service, template, {name.upper(): item[name] for name in METHODS if name in item})

    def _add(self, service: str, template: str, operations: Mapping[str, Mapping[str, Any]]) -> None:
        node = self._root
        for segment in template.strip("/").split("/"):
            if segment.startswith("{"):
                node.parameter = node = node.parameter or _Node()
            else:
                node = node.literal.setdefault(segment, _Node())
        node.route = node.route or Route(template)
        node.route.methods[service] = frozenset(operations)
        node.route.takes_basic |= any(each.get("x-basic-authentication") for each in operations.values())
        node.route.public |= {method for method, operation in operations.items() if operation.get("security") == []}
        if len(node.route.methods) > 1 and "{operation_id}" not in template:
            raise RouteClash(f"{template} is claimed by {' and '.join(sorted(node.route.methods))}")

    def match(self, path: str) -> tuple[Route, str] | None:
        """The route of a path and the service that answers it; None when there is none."""
        if not path.startswith(PUBLIC_PREFIXES):
            return None
        segments = path[1:].split("/")
        route = _descend(self._root, segments, 0)
        if route is None:
            return None
        owner = route.owner or _tagged(route, segments)
        return (route, owner) if owner is not None else None


def _tagged(route: Route, segments: list[str]) -> str | None:
    """An operation's id begins with the name of the service that runs it."""
    place = route.template[1:].split("/").index("{operation_id}")
    service = segments[place].partition("_")[0]
    return service if service in route.methods else None


def _descend(node: _Node, segments: list[str], depth: int) -> Route | None:
    if depth == len(segments):
        return node.route
    below = node.literal.get(segments[depth])
    if below is not None:
        route = _descend(below, segments, depth + 1)
        if route is not None:
            return route
    if node.parameter is not None and segments[depth]:
        return _descend(node.parameter, segments, depth + 1)
    return None
