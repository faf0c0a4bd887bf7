"""Progress lies between nothing and all, whichever way the KPI should go."""

from hypothesis import given
from hypothesis import strategies as st

from services.roadmap.domain.progress import key_result_progress, objective_progress

figures = st.floats(-1e6, 1e6)


@given(figures, figures, st.none() | figures)
def test_between_nothing_and_all(start: float, target: float, current: float | None) -> None:
    if start == target:
        return
    progress = key_result_progress(start=start, target=target, current=current)
    assert (progress is None) == (current is None)
    assert progress is None or 0 <= progress <= 1
    assert key_result_progress(start=start, target=target, current=target) == 1
    assert key_result_progress(start=start, target=target, current=start) == 0


def test_weights_count_and_the_unmeasured_is_nothing_yet() -> None:
    assert objective_progress([(3, 0.5), (1, None)]) == 0.375
    assert objective_progress([(3, None)]) is None
    assert objective_progress([]) is None
