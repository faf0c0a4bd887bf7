"""The life of a requirement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requirements.domain.states import FORWARD, RequirementStatus, TransitionRefused, advanced, check_step

status = st.sampled_from(RequirementStatus)


def test_a_person_cannot_skip_to_measured() -> None:
    with pytest.raises(TransitionRefused, match="candidate, declined"):
        check_step(RequirementStatus.DRAFT, RequirementStatus.MEASURED, reason=None)


def test_declining_needs_a_reason() -> None:
    with pytest.raises(TransitionRefused, match="say why"):
        check_step(RequirementStatus.CANDIDATE, RequirementStatus.DECLINED, reason=" ")
    check_step(RequirementStatus.CANDIDATE, RequirementStatus.DECLINED, reason="Out of scope")


@given(st.sampled_from(FORWARD), status.filter(lambda each: each in FORWARD))
def test_reports_move_forward_only(current: RequirementStatus, reached: RequirementStatus) -> None:
    assert FORWARD.index(advanced(current, reached)) == max(FORWARD.index(current), FORWARD.index(reached))


def test_what_is_shipped_is_no_longer_declined() -> None:
    assert advanced(RequirementStatus.DECLINED, RequirementStatus.COMMITTED) is RequirementStatus.DECLINED
    assert advanced(RequirementStatus.DECLINED, RequirementStatus.SHIPPED) is RequirementStatus.SHIPPED
