"""What may be tied to what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requirements.domain.relations import Bonds, RelationKind, RelationRefused, check_relation, reaches

NOTHING = Bonds(frozenset(), {})
K = RelationKind


@pytest.mark.parametrize(
    ("kind", "between"),
    [(K.EXCLUDES, K.REQUIRES), (K.EXCLUDES, K.COUPLES), (K.REQUIRES, K.EXCLUDES), (K.COUPLES, K.EXCLUDES)],
)
def test_what_is_built_together_cannot_exclude_one_another(kind: K, between: K) -> None:
    with pytest.raises(RelationRefused, match="together"):
        check_relation(kind, "a", "b", bonds=Bonds(frozenset({between}), {}))


def test_nothing_is_tied_to_itself_or_twice() -> None:
    with pytest.raises(RelationRefused, match="itself"):
        check_relation(K.COUPLES, "a", "a", bonds=NOTHING)
    with pytest.raises(RelationRefused, match="already"):
        check_relation(K.COUPLES, "a", "b", bonds=Bonds(frozenset({K.COUPLES}), {}))


edges = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=30)


@given(edges)
def test_no_order_of_ties_ever_closes_a_circle(wanted: list[tuple[int, int]]) -> None:
    follows: dict[object, frozenset[object]] = {}
    for begins, ends in wanted:
        try:
            check_relation(K.REQUIRES, begins, ends, bonds=Bonds(frozenset(), follows))
        except RelationRefused:
            continue
        follows[begins] = follows.get(begins, frozenset()) | {ends}
    assert not any(reaches(follows, end, begins) for begins, ends in follows.items() for end in ends)
