"""The language of segments: what it reads, and how it says no."""

import contextlib
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requirements.domain.segments import (
    All,
    Amount,
    Comparison,
    Containment,
    Emptiness,
    Field,
    Membership,
    Not,
    Rule,
    RuleRefused,
    Some,
    parse_rule,
    subjects_of,
)

DOMAIN, NAME = Field("company", "domain"), Field("contact", "name")
PLAN, SEATS = Field("company", "metadata", "plan"), Field("company", "metadata", "seats")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ('company.domain = "example.com"', Comparison(DOMAIN, "=", "example.com")),
        ('contact.name contains "a \\"b\\" \\\\ c"', Containment(NAME, 'a "b" \\ c')),
        ('company.metadata.plan not in ("a", "b")', Not(Membership(PLAN, ("a", "b")))),
        ("company.metadata.seats >= 50.5", Comparison(SEATS, ">=", Decimal("50.5"))),
        ("company.domain is empty", Emptiness(DOMAIN)),
        ("company.domain IS NOT empty", Not(Emptiness(DOMAIN))),
        ("company.revenue<1200000 EUR", Comparison(Field("company", "revenue"), "<", Amount(1_200_000, "EUR"))),
        (
            "company.created_on >= 2026-01-31",
            Comparison(Field("company", "created_on"), ">=", date(2026, 1, 31)),
        ),
        (
            'company.domain is empty or contact.name = "x" and not (company.metadata.plan = "a")',
            Some((Emptiness(DOMAIN), All((Comparison(NAME, "=", "x"), Not(Comparison(PLAN, "=", "a")))))),
        ),
    ],
)
def test_rules_are_read(text: str, tree: Rule) -> None:
    assert parse_rule(text) == tree


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("company.domain", 14),
        ("company.domain = example", 17),
        ('company.mood = "x"', 0),
        ('company.metadata = "x"', 0),
        ('company.domain.key = "x"', 0),
        ('company.domain < "x"', 17),
        ('company.revenue > "x"', 18),
        ("company.revenue > 100", 18),
        ("company.revenue > 1.5 EUR", 18),
        ("company.created_on > 2026-02-30", 21),
        ('company.domain = "x" company.domain = "y"', 21),
        ('(company.domain = "x"', 21),
        ('company.domain = "x"; DROP TABLE company', 20),
        ('company.domain = "x', 17),
        ("company.domain in ()", 19),
        ("not " * 40 + "company.domain is empty", 32 * 4),
        ("(" * 40, 32),
    ],
)
def test_what_cannot_be_read_says_where(text: str, position: int) -> None:
    with pytest.raises(RuleRefused) as refused:
        parse_rule(text)
    assert refused.value.position == position


def test_a_rule_has_bounds() -> None:
    with pytest.raises(RuleRefused):
        parse_rule(" or ".join(["company.name is empty"] * 101))
    with pytest.raises(RuleRefused):
        parse_rule("x" * 4_001)


def test_whom_it_looks_at() -> None:
    assert subjects_of(parse_rule('contact.name = "x" or not company.name is empty')) == {"contact", "company"}


@given(st.text(alphabet=st.sampled_from('companytract.nmeisriv ="()\\,<>!0129EUR-andotr'), max_size=60))
def test_anything_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(RuleRefused):
        assert subjects_of(parse_rule(text)) <= {"contact", "company"}


@given(st.text(max_size=50))
def test_text_comes_through_as_it_is(words: str) -> None:
    quoted = words.replace("\\", "\\\\").replace('"', '\\"')
    assert parse_rule(f'company.name = "{quoted}"') == Comparison(Field("company", "name"), "=", words)
