"""One log of several chains: every entry once, the newest first, whatever is written between two pages."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from gateway.compositions.audit.service import AuditService
from services.chassis.audit_reading import AuditQuery, ChainPlace
from services.chassis.audit_routes import AuditEntryRead, VerificationRead
from services.chassis.identity import Principal

ADMIN = Principal("key:admin", "key", UUID(int=1))
START = datetime(2026, 1, 31, 9, tzinfo=UTC)


class Chain:
    """A service's chain, kept in a list."""

    def __init__(self, minutes: list[int]) -> None:
        self.kept: list[AuditEntryRead] = []
        for minute in minutes:
            self.append(minute)

    def append(self, minute: int) -> None:
        self.kept.append(entry(len(self.kept) + 1, START + timedelta(minutes=minute)))

    async def entries(self, query: AuditQuery, *, on_behalf_of: Principal) -> list[AuditEntryRead]:
        assert on_behalf_of == ADMIN
        below = [each for each in self.kept if query.before is None or each.position < query.before]
        return below[::-1][: query.limit]

    async def verify(self, start: ChainPlace, *, on_behalf_of: Principal) -> VerificationRead:
        raise NotImplementedError


def entry(position: int, at: datetime) -> AuditEntryRead:
    return AuditEntryRead(
        position=position,
        at=at,
        actor_id="key:1",
        actor_kind="key",
        action="note.created",
        subject_type="note",
        subject_id=UUID(int=position),
        trace_id="",
        source="",
        is_unconditional=False,
        before=None,
        after=None,
        is_erased=False,
        digest="",
    )


chains = st.dictionaries(
    st.sampled_from(["gateway", "requirements", "roadmap", "metrics"]),
    st.lists(st.integers(0, 50), max_size=12),
    min_size=1,
)


@given(chains, st.integers(1, 7), st.integers(0, 60))
async def test_pages_hold_every_entry_once_though_others_write(
    minutes: dict[str, list[int]], limit: int, late: int
) -> None:
    sources = {name: Chain(each) for name, each in minutes.items()}
    expected = {(name, each.position) for name, chain in sources.items() for each in chain.kept}
    seen: list[tuple[str, int]] = []
    reached: Mapping[str, int] | None = {}
    while reached is not None:
        part = await AuditService(sources).newest(AuditQuery(limit=limit), reached, keeper=None, by=ADMIN)
        seen += [(kept.service, kept.entry.position) for kept in part.entries]
        reached = part.reached
        for chain in sources.values():
            chain.append(late)
    assert len(seen) == len(set(seen))
    assert set(seen) == expected


@given(st.dictionaries(st.sampled_from(["gateway", "roadmap"]), st.lists(st.integers(0, 50)).map(sorted), min_size=1))
async def test_the_newest_comes_first(minutes: dict[str, list[int]]) -> None:
    sources = {name: Chain(each) for name, each in minutes.items()}
    part = await AuditService(sources).newest(AuditQuery(limit=200), {}, keeper=None, by=ADMIN)
    times = [kept.entry.at for kept in part.entries]
    assert times == sorted(times, reverse=True)


async def test_one_service_alone_is_asked_alone() -> None:
    sources = {"gateway": Chain([1, 2]), "roadmap": Chain([3])}
    part = await AuditService(sources).newest(AuditQuery(limit=5), {}, keeper="roadmap", by=ADMIN)
    assert [kept.service for kept in part.entries] == ["roadmap"]
