import shutil
import subprocess
from typing import Any

import pytest
import yaml

from services.launcher.addresses import given_databases, given_superuser
from services.launcher.bootstrap import SERVICES, ServiceDatabase
from services.launcher.version import ROOT

VERBS = ["run", "demo", "test", "lint", "bench", "openapi", "clients", "fuzz", "help"]


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_containers_run_the_same_four_processes(compose: Any) -> None:
    commands = {name: service.get("command", [None])[0] for name, service in compose["services"].items()}
    assert {name for name, command in commands.items() if command == "serve"} == set(SERVICES)
    for service in SERVICES:
        assert compose["services"][service]["command"][1] == service
        assert compose["services"][service]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_the_migration_of_the_containers_knows_every_database_and_who_makes_them(compose: Any) -> None:
    environment = compose["services"]["migrate"]["environment"]
    databases = given_databases(environment)
    assert databases is not None
    assert given_superuser(environment)
    for service, urls in databases.items():
        expected = ServiceDatabase.of(service)
        assert f"//{expected.app}:" in urls.application
        assert f"//{expected.owner}:" in urls.migration
        assert urls.application.endswith(f"/{expected.name}")


def test_a_container_knows_its_own_database_only(compose: Any) -> None:
    for service in SERVICES:
        environment = compose["services"][service]["environment"]
        named = {name for name in environment if name.endswith("_DATABASE_URL")}
        assert named == {f"FULLCIRCLE_{service.upper()}_DATABASE_URL"}
        assert {f"FULLCIRCLE_{each.upper()}_URL" for each in SERVICES} <= set(environment)


def test_the_image_holds_the_documents_that_the_gateway_routes_by() -> None:
    left_out = (ROOT / ".dockerignore").read_text().splitlines()
    assert "docs" not in left_out
    assert "!docs/openapi" in left_out
    assert "COPY . ." in (ROOT / "Dockerfile").read_text()


def test_docker_agrees_with_the_compose_file() -> None:
    docker = shutil.which("docker")
    if not docker or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no docker compose here")
    subprocess.run([docker, "compose", "--file", ROOT / "docker-compose.yml", "config", "--quiet"], check=True)


def test_help_names_every_verb_with_a_line() -> None:
    told = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert [line.split()[0] for line in told.stdout.splitlines()] == VERBS
