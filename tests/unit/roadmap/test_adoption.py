"""Adopting a proposal moves what it must, and never what somebody pinned."""

from hypothesis import given
from hypothesis import strategies as st

from services.roadmap.domain.adoption import Move, Placed, moves_of

names = st.sets(st.sampled_from("abcdef"))
places = st.dictionaries(
    st.sampled_from("abcdef"),
    st.builds(Placed, st.sampled_from([None, "now", "next", "later"]), st.booleans()),
)


@given(names, names, places, st.sampled_from(["later", "remove", "keep"]))
def test_pins_hold_and_doing_it_twice_changes_nothing(
    chosen: set[str], left_out: set[str], placed: dict[str, Placed], policy: str
) -> None:
    left_out -= chosen
    moves = moves_of(chosen=chosen, left_out=left_out, placed=placed, policy=policy)
    assert not any(placed[move.feature].is_pinned for move in moves if move.feature in placed)
    after = dict(placed)
    for move in moves:
        if move.kind == "remove":
            del after[move.feature]
        else:
            after[move.feature] = Placed(move.horizon, is_pinned=False)
    assert chosen <= after.keys()
    assert moves_of(chosen=chosen, left_out=left_out, placed=after, policy=policy) == ()


def test_a_schedule_moves_what_it_dates_within_its_horizon() -> None:
    placed = {"a": Placed("now", is_pinned=False), "b": Placed("now", is_pinned=True)}
    moves = moves_of(chosen=["a", "b"], left_out=[], placed=placed, policy="later", dated=["a", "b"])
    assert moves == (Move("move", "a", "now"),)
