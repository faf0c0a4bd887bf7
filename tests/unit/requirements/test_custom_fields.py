"""Which values a declared field takes."""

import pytest

from services.requirements.domain.custom_fields import Declared, FieldKind, faults_in

TIERS = ("free", "team")


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (FieldKind.TEXT, "free text", 3),
        (FieldKind.NUMBER, 2.5, "2.5"),
        (FieldKind.NUMBER, 0, True),
        (FieldKind.FLAG, False, 0),
        (FieldKind.DATE, "2024-02-29", "2023-02-29"),
        (FieldKind.DATE, "2026-01-31", "20260131"),
        (FieldKind.CHOICE, "team", "Team"),
        (FieldKind.CHOICES, ["team", "free"], ["team", "team"]),
        (FieldKind.CHOICES, [], "team"),
    ],
)
def test_a_kind_takes_its_values_and_no_others(kind: FieldKind, good: object, bad: object) -> None:
    declared = {"field": Declared(kind, TIERS)}
    assert list(faults_in({"field": good}, declared)) == []
    assert list(faults_in({"field": None}, declared)) == []
    assert [fault.name for fault in faults_in({"field": bad}, declared)] == ["field"]


def test_what_nobody_declared_is_named() -> None:
    (fault,) = faults_in({"mood": "x"}, {})
    assert (fault.name, "declared no such field" in fault.detail) == ("mood", True)
