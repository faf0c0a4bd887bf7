"""No column that could hold a person's data is forgotten: each is answered for, or said to be impersonal."""

from importlib import import_module

import pytest
import sqlalchemy as sa

from services.chassis.privacy.holdings import PersonalData
from services.chassis.tables import infrastructure_metadata

HOLDERS = {
    "requirements": ("services.requirements.models", "services.requirements.privacy.holdings"),
    "roadmap": ("services.roadmap.models", "services.roadmap.privacy"),
    "metrics": ("services.metrics.models", "services.metrics.privacy"),
    "gateway": ("gateway.models", "gateway.privacy"),
}


def tables_of(service: str) -> list[sa.Table]:
    metadata: sa.MetaData = import_module(HOLDERS[service][0]).Base.metadata
    return [*metadata.sorted_tables, *infrastructure_metadata.sorted_tables]


def personal_of(service: str) -> PersonalData:
    personal: PersonalData = import_module(HOLDERS[service][1]).PERSONAL
    return personal


@pytest.mark.parametrize("service", HOLDERS)
def test_every_column_is_classified(service: str) -> None:
    assert list(personal_of(service).unclassified(tables_of(service))) == []


@pytest.mark.parametrize("service", HOLDERS)
def test_nothing_is_declared_that_is_not_there(service: str) -> None:
    personal, there = personal_of(service), {table.name: set(table.columns.keys()) for table in tables_of(service)}
    for holding in personal.holdings:
        for table, columns in holding.covers.items():
            names = {column.name for column in import_table(service, table).columns}
            assert set(columns) <= names, table
    for name in personal.impersonal:
        table, _, column = name.partition(".")
        assert table in there, name
        assert not column or column in {each.name for each in import_table(service, table).columns}, name


def import_table(service: str, name: str) -> sa.Table:
    return next(table for table in tables_of(service) if table.name == name)


def test_a_forgotten_table_is_noticed() -> None:
    forgotten = sa.Table("forgotten", sa.MetaData(), sa.Column("words", sa.Text), sa.Column("count", sa.Integer))
    assert list(PersonalData(holdings=()).unclassified([forgotten])) == ["forgotten.words"]
