from services.chassis.columns import given, shared


def test_what_all_share_is_sent_once() -> None:
    assert shared(["a", "a", "a"]) == ["a"]
    assert shared(["a", "b", "a"]) == ["a", "b", "a"]


def test_what_nobody_gave_is_not_sent() -> None:
    assert given([None, None]) is None
    assert given([None, "a"]) == [None, "a"]
