"""Every setting says what it is for, in the code and in docs/settings.md."""

import re
from collections.abc import Iterator

import pytest

from services.chassis.settings import ServiceSettings
from tests.contract.house import ROOT, settings_of, standing_services

PAGE = ROOT / "docs" / "settings.md"
NAME = re.compile(r"\bFULLCIRCLE_[A-Z0-9_]+[A-Z0-9]\b")
PER_PROCESS = re.compile(r"^FULLCIRCLE_(REQUIREMENTS|ROADMAP|METRICS|GATEWAY)_")


def environment_names(kind: type[ServiceSettings]) -> Iterator[tuple[str, str | None]]:
    """Each setting's name in the environment, and its description."""
    for name, field in kind.model_fields.items():
        alias = field.validation_alias
        names = getattr(alias, "choices", [alias]) if alias else [f"FULLCIRCLE_{name.upper()}"]
        yield from ((str(each), field.description) for each in names if str(each).startswith("FULLCIRCLE_"))


def undocumented(kind: type[ServiceSettings], page: str) -> list[str]:
    """Settings without a description, or without a row on the page that gives their name and description.

    The addresses of each process's database come in the same three forms: the page tells of the forms.
    """
    rows = page.splitlines()
    return [
        name
        for name, description in environment_names(kind)
        if not _has_form(name, page)
        and not any(f"`{name}`" in row and description in row for row in rows if description)
    ]


def _has_form(name: str, page: str) -> bool:
    form = PER_PROCESS.sub("FULLCIRCLE_{SERVICE}_", name)
    return form != name and f"`{form}`" in page


@pytest.mark.parametrize("service", standing_services())
def test_every_setting_is_documented(service: str) -> None:
    assert undocumented(settings_of(service), PAGE.read_text()) == []


def test_every_name_in_the_source_is_documented() -> None:
    """Also what is read from the environment directly."""
    sources = [path for folder in ("services", "gateway", "migrations") for path in (ROOT / folder).rglob("*.py")]
    named = {
        PER_PROCESS.sub("FULLCIRCLE_{SERVICE}_", name) for path in sources for name in NAME.findall(path.read_text())
    }
    page = PAGE.read_text()
    assert {name for name in named if f"`{name}`" not in page} == set()


def test_an_undocumented_setting_is_noticed() -> None:
    class More(ServiceSettings):
        secret_switch: bool = False

    assert "FULLCIRCLE_SECRET_SWITCH" in undocumented(More, PAGE.read_text())
