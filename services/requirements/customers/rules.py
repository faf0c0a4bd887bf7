"""Segment rules as SQL: every value of a rule is a bound parameter, every name comes from the models."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Date, Numeric, and_, case, cast, func, not_, or_, select

from services.requirements.domain.segments import (
    All,
    Amount,
    Containment,
    Emptiness,
    Field,
    Kind,
    Membership,
    Not,
    Rule,
    Some,
    Test,
)
from services.requirements.models import Company, CompanyRevenue, Contact

OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
NUMBER = r"^-?\d{1,15}(\.\d{1,6})?$"


@dataclass(frozen=True)
class Sight:
    """What a rule looks at: rows of the two tables (aliases or the models themselves), and the day that counts."""

    contact: Any = Contact
    company: Any = Company
    day: Any = None

    @property
    def on(self) -> Any:
        return func.current_date() if self.day is None else self.day


def condition(rule: Rule, sight: Sight) -> ColumnElement[bool]:
    """The rule over what is seen: true or false, never unknown."""
    if isinstance(rule, All):
        return and_(*(condition(each, sight) for each in rule.rules))
    if isinstance(rule, Some):
        return or_(*(condition(each, sight) for each in rule.rules))
    if isinstance(rule, Not):
        return not_(condition(rule.rule, sight))
    return func.coalesce(_test(rule, sight), False, type_=Boolean)


def _test(test: Test, sight: Sight) -> Any:
    field = test.field
    if isinstance(test, Emptiness):
        return _column(field, sight).is_(None)
    if isinstance(test, Containment):
        return func.strpos(func.lower(_column(field, sight)), func.lower(test.text)) > 0
    if isinstance(test, Membership):
        return or_(*(_compared(field, "=", value, sight) for value in test.values))
    return _compared(field, test.operator, test.value, sight)


def _compared(field: Field, operator: str, value: Any, sight: Sight) -> Any:
    if isinstance(value, Amount):
        return OPERATORS[operator](revenue_on(sight.company, sight.on, value.currency), value.minor)
    column = _column(field, sight)
    if isinstance(value, Decimal):
        column = case((column.op("~")(NUMBER), cast(column, Numeric)))
    return OPERATORS[operator](column, value)


def _column(field: Field, sight: Sight) -> Any:
    row = getattr(sight, field.subject)
    if field.kind is Kind.ENTRY:
        return row.attributes[field.key].astext
    if field.kind is Kind.DATE:
        return cast(func.timezone("UTC", row.created_at), Date)
    if field.kind is Kind.MONEY:
        return revenue_on(row, sight.on, None)
    return getattr(row, field.name)


def revenue_on(company: Any, day: Any, currency: str | None) -> Any:
    """What a company brings in a year by what is valid on that day; NULL when nothing is."""
    paid = CompanyRevenue
    valid = [
        paid.workspace_id == company.workspace_id,
        paid.company_id == company.id,
        paid.valid_from <= day,
        func.coalesce(paid.valid_until > day, True),
    ]
    if currency is not None:
        valid.append(paid.currency == currency)
    return select(func.sum(paid.annual_minor)).where(*valid).correlate_except(paid).scalar_subquery()
