import json
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from services.launcher.addresses import given_databases, given_superuser
from services.launcher.bootstrap import SERVICES, ServiceDatabase
from services.launcher.version import ROOT

OBSERVABILITY = ROOT / "deploy" / "observability"
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


def test_prometheus_asks_each_process_where_it_tells_its_figures(compose: Any) -> None:
    asked = yaml.safe_load((OBSERVABILITY / "prometheus.yml").read_text())["scrape_configs"][0]
    targets = dict(each.split(":") for each in asked["static_configs"][0]["targets"])
    listens = compose["services"]["gateway"]["environment"]["FULLCIRCLE_FIGURES_LISTEN"]
    assert targets == dict.fromkeys(SERVICES, "8000") | {"gateway": listens.rpartition(":")[2]}


def test_whoever_observes_finds_their_files_and_starts_only_when_asked(compose: Any) -> None:
    watchers = {name: each for name, each in compose["services"].items() if each.get("profiles") == ["observability"]}
    assert watchers.keys() == {"prometheus", "collector", "jaeger", "grafana"}
    for watcher in watchers.values():
        for volume in watcher.get("volumes", []):
            assert (ROOT / volume.partition(":")[0]).exists(), volume
    collector = yaml.safe_load((OBSERVABILITY / "collector.yml").read_text())
    used = collector["service"]["pipelines"]["traces"]
    for kind in ("receivers", "processors", "exporters"):
        assert set(used[kind]) <= collector[kind].keys()


def test_the_dashboard_shows_figures_that_there_are() -> None:
    board = json.loads((OBSERVABILITY / "dashboards" / "fullcircle.json").read_text())
    shown = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    named = {name for each in shown for name in re.findall(r"\bfullcircle_[a-z_]+", each)}
    sources = [path.read_text() for path in (ROOT / "services" / "chassis").glob("*.py")]
    told = {name for source in sources for name in re.findall(r'"(fullcircle_[a-z_]+)"', source)}
    assert {name.removesuffix("_bucket") for name in named} == told
    assert [panel["id"] for panel in board["panels"]] == list(range(1, len(board["panels"]) + 1))


def _compose_command() -> list[str] | None:
    """Docker's plugin, or the program that was before it."""
    for way in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(way[0]) and subprocess.run([*way, "version"], capture_output=True, check=False).returncode == 0:
            return way
    return None


def test_docker_agrees_with_the_compose_file() -> None:
    command = _compose_command()
    if command is None:
        pytest.skip("no docker compose here")
    subprocess.run([*command, "--file", ROOT / "docker-compose.yml", "config", "--quiet"], check=True)


def test_help_names_every_verb_with_a_line() -> None:
    told = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert [line.split()[0] for line in told.stdout.splitlines()] == VERBS
