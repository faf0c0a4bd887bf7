"""How a page is cut into runs: few calls, and every subject's events in their order."""

import itertools
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.events import Event
from services.chassis.feed_handlers import Handler, Handlers


class Liked(Handler[dict[str, object], None]):
    types = ("note.liked", "note.unliked")


class Written(Handler[dict[str, object], None]):
    types = ("note.written",)


def event(position: int, kind: str, workspace: int, subject: int, *, version: int = 1) -> Event[msgspec.Raw]:
    return Event(
        id=UUID(int=position),
        source="/toy",
        type=kind,
        subject=UUID(int=subject),
        time=datetime(2026, 1, 1, tzinfo=UTC),
        workspace_id=UUID(int=workspace),
        subject_type="note",
        subject_version=version,
        actor_id="key:1",
        actor_kind="key",
        position=position,
        data=msgspec.Raw(b"{}"),
    )


def handlers() -> Handlers:
    made = Handlers()
    made.add(Liked())
    made.add(Written())
    return made


kinds = st.sampled_from(["note.liked", "note.unliked", "note.written", "note.unknown"])
pages = st.lists(st.tuples(kinds, st.integers(1, 3), st.integers(1, 4)), max_size=40)


@given(pages)
def test_runs_keep_every_known_event_once_and_the_order_within_a_workspace(page: list[tuple[str, int, int]]) -> None:
    events = [event(position, *each) for position, each in enumerate(page, start=1)]
    runs = handlers().runs(events)
    for workspace in (1, 2, 3):
        expected = [each for each in events if each.workspace_id.int == workspace and each.type != "note.unknown"]
        assert [each for run in runs if run.workspace_id.int == workspace for each in run.events] == expected
    for run in runs:
        assert {each.workspace_id for each in run.events} == {run.workspace_id}
        assert {each.type for each in run.events} <= set(run.handler.types)
    for one, following in itertools.pairwise(runs):
        assert (one.handler, one.workspace_id) != (following.handler, following.workspace_id)


def test_two_handlers_of_one_type_are_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"note\.liked"):
        handlers().add(Liked())


def test_a_later_version_supersedes_and_a_snapshot_always_does() -> None:
    news = event(1, "note.written", 1, 1, version=3)
    assert [news.supersedes(version) for version in (2, 3, 4)] == [True, False, False]
    assert msgspec.structs.replace(news, is_snapshot=True).supersedes(4)
