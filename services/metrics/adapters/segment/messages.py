"""Reads messages of the Segment specification, tolerantly: what is unknown is left out, what cannot be used dropped."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from services.chassis.errors import BadRequest
from services.metrics.usage_events.schemas import LONGEST_TEXT, MOST_PROPERTIES

MOST_MESSAGES = 2_500
LONGEST_NAME = 64
LONGEST_ID = 255
LARGEST = 1e15
# What people call the calls that have no event name of their own.
NAMES = {"page": "Page Viewed", "screen": "Screen Viewed", "group": "Group Joined"}


@dataclass(frozen=True)
class Message:
    """An event, or a link between two names of one person, or both of neither."""

    message_id: str | None
    name: str | None = None
    occurred_at: datetime | None = None
    person: str | None = None
    account: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    link: tuple[str, str] | None = None


def read_json(body: bytes) -> dict[str, Any]:
    """Raises BadRequest for what is no JSON object."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise BadRequest("The body is not JSON.") from None
    if not isinstance(document, dict):
        raise BadRequest("The body is not a JSON object.")
    return document


def read_batch(document: Mapping[str, Any], *, received_at: datetime) -> Iterator[Message]:
    """The usable messages of a batch. Raises BadRequest when it has none to read, or too many."""
    batch = document.get("batch")
    if not isinstance(batch, list):
        raise BadRequest("`batch` is not a list.")
    if len(batch) > MOST_MESSAGES:
        raise BadRequest(f"At most {MOST_MESSAGES} messages in a batch.")
    for each in batch:
        if isinstance(each, dict):
            message = read_message(str(each.get("type")), {"sentAt": document.get("sentAt"), **each}, received_at)
            if message is not None:
                yield message


def read_message(kind: str, said: Mapping[str, Any], received_at: datetime) -> Message | None:
    """One message; None when nothing can be made of it."""
    user, anonymous = _text(said.get("userId"), LONGEST_ID), _text(said.get("anonymousId"), LONGEST_ID)
    message_id = _text(said.get("messageId"), LONGEST_ID - len("segment:"))
    if kind == "alias":
        previous = _text(said.get("previousId"), LONGEST_ID) or anonymous
        return Message(message_id, link=(previous, user)) if previous and user else None
    link = (anonymous, user) if anonymous and user else None
    if kind == "identify":
        return Message(message_id, link=link) if link else None
    name = _text(said.get("event"), LONGEST_NAME) if kind == "track" else NAMES.get(kind)
    if name is None or (user or anonymous) is None:
        return None
    return Message(
        message_id,
        name=name,
        occurred_at=_when(said, received_at),
        person=user or anonymous,
        account=_account(said),
        properties=_properties(kind, said),
        link=link,
    )


def _properties(kind: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values only; of a group's traits, as of a person's, nothing."""
    given = said.get("properties")
    named = {name: said.get(name) for name in ("name", "category")} if kind in {"page", "screen"} else {}
    every = {**named, **(given if isinstance(given, dict) and kind != "group" else {})}
    kept: dict[str, Any] = {}
    for name, value in every.items():
        plain = _plain(value)
        if plain is not None and 0 < len(name) <= LONGEST_NAME and "\x00" not in name:
            kept[name] = plain
        if len(kept) == MOST_PROPERTIES:
            break
    return kept


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "")[:LONGEST_TEXT]
    if isinstance(value, bool):
        return value
    return value if isinstance(value, int | float) and abs(value) <= LARGEST else None


def _account(said: Mapping[str, Any]) -> str | None:
    context = said.get("context")
    within = context.get("groupId") if isinstance(context, dict) else None
    return _text(said.get("groupId"), LONGEST_ID) or _text(within, LONGEST_ID)


def _when(said: Mapping[str, Any], received_at: datetime) -> datetime:
    """When it happened by our clock: the sender's may be wrong, but says how long ago it was (Segment's own rule)."""
    happened = _time(said.get("timestamp")) or _time(said.get("originalTimestamp"))
    sent = _time(said.get("sentAt"))
    if happened is None:
        return received_at
    try:
        return received_at - (sent - happened) if sent is not None else happened
    except OverflowError:
        return received_at


def _time(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        return None if moment is None else (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _text(value: Any, longest: int) -> str | None:
    """Ids may come as numbers; what is too long cannot be told from another and is cut."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    return value.replace("\x00", "").strip()[:longest] or None
