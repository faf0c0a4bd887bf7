"""The product beside its competitors."""

from hypothesis import given
from hypothesis import strategies as st

from services.roadmap.domain.comparison import Rated, leads, standings

REMINDERS = Rated("reminders", 3, {"us": 4, "a": 2, "b": 5})
EXPORT = Rated("export", 1, {"us": 1, "a": 3})
OFFLINE = Rated("offline", 2, {"a": 5})


def test_who_does_it_best() -> None:
    found = {each.capability_id: each for each in leads([REMINDERS, EXPORT, OFFLINE], product="us", rivals={"a", "b"})}
    assert (found["reminders"].lead, found["reminders"].rivals) == (-1, ("b",))
    assert (found["export"].lead, found["export"].rivals) == (-2, ("a",))
    assert (found["offline"].lead, found["offline"].own) == (None, None)


def test_a_score_says_how_much_of_it_is_known() -> None:
    us, _, rival = standings([REMINDERS, EXPORT, OFFLINE], ["us", "a", "b"])
    assert (us.score, us.known) == (13 / 4, 4 / 6)
    assert (rival.score, rival.known) == (5.0, 0.5)
    assert standings([], ["us"])[0].score is None


levels = st.dictionaries(st.sampled_from(["us", "a", "b"]), st.integers(0, 5))


@given(st.lists(st.builds(Rated, st.text(max_size=3), st.integers(1, 5), levels)))
def test_scores_stay_on_the_scale(capabilities: list[Rated]) -> None:
    for each in standings(capabilities, ["us", "a", "b"]):
        assert each.score is None or 0 <= each.score <= 5
        assert 0 <= each.known <= 1
        assert (each.score is None) == (each.known == 0)
