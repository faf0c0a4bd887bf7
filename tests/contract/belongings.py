"""What a workspace holds: a real id for every path parameter of the document.

Found by walking the lists; where a list is empty, by sending the documented example with ids of one's own.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.contract.knocking import filled, is_uuid, knock, sent, written
from tests.contract.operations import Operation

UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass
class Belongings:
    """Ids of one workspace; `known` are those that no list shows, by the name of their parameter."""

    client: httpx.AsyncClient
    known: dict[str, str]
    ids: set[str] = field(default_factory=set)
    made: dict[str, str] = field(default_factory=dict)
    _answers: dict[str, Any] = field(default_factory=dict)

    @classmethod
    async def of(cls, client: httpx.AsyncClient, operations: list[Operation], *, known: dict[str, str]) -> "Belongings":
        found = cls(client, known)
        makers = [
            each for each in operations if each.method == "post" and {"201", "202"} & each.spec["responses"].keys()
        ]
        read = {each.path for each in operations if each.method == "get"}
        listed = read | {path.rpartition("/{")[0] for path in read}
        for operation in sorted(makers, key=lambda each: len(each.path_parameters)):
            if operation.path in listed or operation.path.endswith("/test"):
                await found._make(operation)
        for operation in operations:
            if operation.method == "get" and not operation.path_parameters:
                found.ids |= {item["id"] for item in _items(await found._get(operation.path)) if "id" in item}
        return found

    async def _make(self, operation: Operation) -> None:
        """One of each kind that the workspace has none of; below a thing that it has, where the path names one."""
        values = await self.by_path(operation.path) if operation.path_parameters else {}
        if values is None:
            return
        path = filled(operation.path, values)
        if _items(await self._get(path)):
            return
        content = None
        if operation.body:
            media_type = next(iter(operation.body))
            content = written(await self._own(operation.example(media_type)), media_type)
        answer = await knock(self.client, operation, values, content=content)
        if answer.status_code in {201, 202}:
            noun = path.rpartition("/")[2].removesuffix("s").replace("-", "_")
            self.made[path] = answer.json().get(f"{noun}_id", answer.json()["id"])
            self._answers.clear()

    async def _own(self, example: Any, name: str = "") -> Any:
        """The example with each id replaced by one of the workspace's own, of the kind that its field names."""
        if isinstance(example, dict):
            kind = example.get("kind", "")
            return {key: await self._own(value, kind if key == "id" else key) for key, value in example.items()}
        if isinstance(example, list):
            return [await self._own(value, name) for value in example]
        if not is_uuid(example):
            return example
        noun = name.removesuffix("s").removesuffix("_id").replace("_", "-")
        found = await self._one_of(f"/v1/{noun}s", {}, name) or await self._one_of(f"/v1/{noun}", {}, name)
        return found or await self._another(noun) or example

    async def _another(self, noun: str) -> str | None:
        """`merged-requirement` names another requirement than the one that is found first."""
        items = _items(await self._get(f"/v1/{noun.rpartition('-')[2]}s"))
        return str(items[-1]["id"]) if len(items) > 1 and "id" in items[-1] else None

    async def by_path(self, path: str) -> dict[str, str] | None:
        """A real id for each parameter of the path, or None when one cannot be found."""
        values: dict[str, str] = {}
        before, *parameters = re.split(r"{(\w+)}", path)
        for name, after in zip(parameters[::2], parameters[1::2], strict=True):
            value = self.known.get(name) or await self._one_of(filled(before, values), values, name)
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
        found = (str(item.get(name, item["id"])) for item in items if "id" in item)
        return next(found, self.made.get(collection))

    async def _get(self, path: str) -> Any:
        if path not in self._answers:
            answer = await sent(self.client, self.client.build_request("GET", path))
            is_json = answer.headers.get("content-type", "").startswith("application/json")
            self._answers[path] = answer.json() if answer.status_code == 200 and is_json else None
        return self._answers[path]


def _items(answer: Any) -> list[dict[str, Any]]:
    items = answer.get("items", []) if isinstance(answer, dict) else []
    return [item for item in items if isinstance(item, dict)]
