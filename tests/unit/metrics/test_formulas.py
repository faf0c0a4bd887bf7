import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.domain.formulas import FormulaError, parse


def worked_out(text, **figures):
    return parse(text).value({name: None if value is None else Decimal(value) for name, value in figures.items()})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("8 - 3 - 2", 3),
        ("16 / 4 / 2", 2),
        ("-2 * -3", 6),
        ("1 - -1", 2),
        ("min(3, 1 + 1, 5)", 2),
        ("max(0, -4)", 0),
        ("abs(2 - 5) * 100", 300),
        (".5".rjust(3, "0"), Decimal("0.5")),
    ],
)
def test_arithmetic_is_as_at_school(text, value):
    assert worked_out(text) == value


def test_names_stand_for_figures():
    formula = parse("(new + expansion) / accounts_2")
    assert formula.names == {"new", "expansion", "accounts_2"}
    assert formula.value({"new": Decimal(6), "expansion": Decimal(4), "accounts_2": Decimal(5)}) == 2


@pytest.mark.parametrize("figures", [{"a": 1, "b": None}, {"a": 1, "b": 0}, {"a": 0, "b": 0}])
def test_what_is_missing_or_divided_by_zero_is_no_figure(figures):
    assert worked_out("a / b", **figures) is None


def test_what_runs_away_is_no_figure():
    assert worked_out("*".join(["a"] * 200), a=10**15) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "character 1"),
        ("1 +", "character 4"),
        ("(1", r"'\)' is expected"),
        ("1 2", "'2' is not expected at character 3"),
        ("a ** b", "character 4"),
        ("__import__('os')", "'_' is not expected at character 1"),
        ("open(1)", "no function open"),
        ("max", "max is a function"),
        ("abs(1, 2)", "one argument"),
        ("A", "'A' is not expected"),
        ("1e5", "'e5' is not expected"),
        ("a.b", "'.' is not expected"),
        ("(" * 200 + "1" + ")" * 200, "deep"),
        ("-" * 200 + "1", "deep"),
        ("1" * 501, "at most"),
    ],
)
def test_anything_else_is_refused_with_its_place(text, fault):
    with pytest.raises(FormulaError, match=fault):
        parse(text)


terms = st.recursive(
    st.integers(0, 50).map(str),
    lambda below: st.tuples(below, st.sampled_from("+-*/"), below).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
    max_leaves=8,
)


@given(terms)
def test_it_agrees_with_python(text):
    told = parse(text).value({})
    try:
        expected = eval(text, {"__builtins__": {}})
    except ZeroDivisionError:
        expected = None
    assert told is None if expected is None else float(told) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(st.text(max_size=60))
def test_no_text_does_more_than_be_refused(text):
    with contextlib.suppress(FormulaError):
        parse(text)
