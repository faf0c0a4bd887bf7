"""What a workspace holds, found by walking its lists: a real id for every path parameter of the document."""

import re
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.contract.knocking import filled
from tests.contract.operations import Operation

UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass
class Belongings:
    """Ids of one workspace; `by_path` fills the parameters of a path with ids that belong together."""

    client: httpx.AsyncClient
    ids: set[str] = field(default_factory=set)
    _answers: dict[str, Any] = field(default_factory=dict)

    @classmethod
    async def of(cls, client: httpx.AsyncClient, operations: list[Operation]) -> "Belongings":
        found = cls(client)
        for operation in operations:
            if operation.method == "get" and not operation.path_parameters:
                answer = await found._get(operation.path)
                found.ids |= {item["id"] for item in _items(answer) if "id" in item}
        return found

    async def by_path(self, path: str) -> dict[str, str] | None:
        """A real id for each parameter of the path, or None when one cannot be found."""
        values: dict[str, str] = {}
        before, *parameters = re.split(r"{(\w+)}", path)
        for name, after in zip(parameters[::2], parameters[1::2], strict=True):
            value = await self._one_of(filled(before, values), values, name)
            if value is None:
                return None
            values[name] = value
            before += f"{{{name}}}{after}"
        return values

    async def _one_of(self, collection: str, values: dict[str, str], name: str) -> str | None:
        """An id from the list at this address, or from the field of that name in the resource above it."""
        collection = collection.rstrip("/")
        items = _items(await self._get(collection))
        if not items:
            above, _, segment = collection.rpartition("/")
            held = (await self._get(above) or {}).get(segment.replace("-", "_"), []) if values else []
            items = [item for item in held if isinstance(item, dict)]
        return next((str(item.get(name, item["id"])) for item in items if "id" in item), None)

    async def _get(self, path: str) -> Any:
        if path not in self._answers:
            answer = await self.client.get(path)
            is_json = answer.headers.get("content-type", "").startswith("application/json")
            self._answers[path] = answer.json() if answer.status_code == 200 and is_json else None
        return self._answers[path]


def _items(answer: Any) -> list[dict[str, Any]]:
    items = answer.get("items", []) if isinstance(answer, dict) else []
    return [item for item in items if isinstance(item, dict)]
