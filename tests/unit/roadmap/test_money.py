"""Planned, committed, spent, and what it will have cost."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from services.roadmap.domain.money import Contract, Work, line_figures, standing, total

amounts = st.integers(0, 10**12)
works = st.lists(
    st.builds(Work, amounts, amounts, st.sampled_from(["idea", "intended", "committed", "finished"]), st.booleans())
)
contracts = st.lists(st.builds(Contract, amounts, amounts))


def test_a_line_as_somebody_would_add_it_up() -> None:
    figures = line_figures(
        planned=100_00,
        work=[Work(30_00, 10_00, "committed"), Work(20_00, 0, "intended"), Work(99_00, 0, "idea")],
        contracts=[Contract(15_00, 5_00)],
        other=2_50,
    )
    assert figures.spent == 17_50
    assert figures.committed == 20_00 + 10_00
    assert figures.forecast == 17_50 + 10_00 + 20_00 + 20_00
    assert (figures.available, figures.overrun, figures.cost_ratio) == (52_50, 0, 1)


def test_what_shipped_dearer_makes_the_rest_dearer() -> None:
    shipped = Work(10_00, 15_00, "finished", is_shipped=True)
    figures = line_figures(planned=40_00, work=[shipped, Work(20_00, 0, "committed")])
    assert figures.cost_ratio == Fraction(3, 2)
    assert (figures.committed, figures.forecast, figures.overrun) == (20_00, 45_00, 5_00)


def test_half_a_cent_is_rounded_up_once() -> None:
    shipped = Work(2, 3, "finished", is_shipped=True)
    assert line_figures(planned=0, work=[shipped, Work(1, 0, "committed")]).forecast == 3 + 2


@given(amounts, works, contracts, amounts)
def test_a_forecast_is_never_below_what_is_spent(
    planned: int, work: list[Work], promised: list[Contract], other: int
) -> None:
    figures = line_figures(planned=planned, work=work, contracts=promised, other=other)
    assert figures.forecast >= figures.spent
    assert figures.available == planned - figures.spent - figures.committed
    assert figures.overrun == max(0, figures.forecast - planned)
    if figures.cost_ratio >= 1:
        assert figures.forecast >= figures.spent + figures.committed


@given(st.lists(st.tuples(amounts, works)))
def test_a_total_is_the_sum_of_its_lines(lines: list[tuple[int, list[Work]]]) -> None:
    each = [line_figures(planned=planned, work=work) for planned, work in lines]
    whole = total(each)
    assert whole.planned == sum(line.planned for line in each)
    assert whole.available == sum(line.available for line in each)


def test_money_is_bound_by_the_state_and_by_the_plan() -> None:
    assert standing("proposed", is_placed=False) == "idea"
    assert standing("proposed", is_placed=True) == "intended"
    assert {standing(each, is_placed=False) for each in ("planned", "in_progress", "on_hold")} == {"committed"}
    assert {standing(each, is_placed=True) for each in ("shipped", "retired", "dropped")} == {"finished"}
