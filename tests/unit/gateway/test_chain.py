"""Which links belong to a chain, and in which order they are told."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from gateway.compositions.trace.chain import Chain
from services.chassis.trace import TraceEdge, TraceNode


def uid(number: int) -> UUID:
    return UUID(int=number)


def node(number: int) -> TraceNode:
    return TraceNode(id=uid(number), type="thing", label=str(number))


def edge(first: int, second: int) -> TraceEdge:
    return TraceEdge(from_id=uid(first), to_id=uid(second), kind="leads_to")


def walked(start: int, edges: list[tuple[int, int]]) -> Chain:
    """Ask a world of these edges, a little at a time."""
    chain = Chain(uid(start))
    while frontier := chain.unasked(limit=2):
        numbers = {each.int for each in frontier}
        touching = [edge(*pair) for pair in edges if numbers & set(pair)]
        chain.add("world", [node(each) for each in sorted(numbers)], touching)
    return chain


def told(chain: Chain) -> list[int]:
    return [each.id.int for each in chain.story()]


def test_the_chain_goes_both_ways_but_never_sideways():
    # 1 quote, 2 theme, 3 requirement, 4 feature, 5 outcome; 6 shares the KPI 7, 8 is another quote of the theme.
    edges = [(1, 2), (8, 2), (2, 3), (3, 4), (4, 5), (7, 5), (7, 9), (6, 9)]
    assert told(walked(4, edges)) == [1, 8, 2, 3, 4, 5]
    assert told(walked(1, edges)) == [1, 2, 3, 4, 5]
    assert told(walked(7, edges)) == [7, 5, 9]
    chain = walked(3, edges)
    assert [chain.direction(uid(each)) for each in (1, 3, 5)] == ["cause", "self", "consequence"]
    assert [(link.from_id.int, link.to_id.int) for link in chain.links()] == [(1, 2), (8, 2), (2, 3), (3, 4), (4, 5)]


def test_ids_that_nobody_knows_are_left_out():
    chain = Chain(uid(1))
    chain.unasked(limit=9)
    chain.add("world", [node(1)], [edge(1, 2)])
    assert [each.int for each in chain.unasked(limit=9)] == [2]
    assert told(chain) == [1]
    assert chain.links() == []


numbers = st.integers(1, 12)


@given(numbers, st.lists(st.tuples(numbers, numbers), max_size=30))
def test_every_world_ends_and_tells_each_link_once(start, edges):
    chain = walked(start, edges)
    story = told(chain)
    assert len(story) == len(set(story))
    assert start in story
    after, before = reach(start, edges), reach(start, [(second, first) for first, second in edges])
    assert set(story) == after | before


@given(numbers, st.lists(st.tuples(numbers, numbers).filter(lambda pair: pair[0] < pair[1]), max_size=30))
def test_causes_are_told_before_their_consequences(start, edges):
    chain = walked(start, edges)
    place = {number: position for position, number in enumerate(told(chain))}
    for link in chain.links():
        assert place[link.from_id.int] < place[link.to_id.int]


def reach(start: int, edges: list[tuple[int, int]]) -> set[int]:
    reached: set[int] = set()
    waiting = [start]
    while waiting:
        number = waiting.pop()
        if number not in reached:
            reached.add(number)
            waiting += [second for first, second in edges if first == number]
    return reached
