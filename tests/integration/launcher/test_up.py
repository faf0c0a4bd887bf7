import json
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.launcher.addresses import embedded_databases
from services.launcher.bootstrap import SERVICES
from services.launcher.home import Home
from services.launcher.postgres import EmbeddedPostgres
from services.launcher.stack import CAN_FORK
from tests.integration.launcher.launched import Launched, fullcircle, is_running, launched, until
from tests.shared import reachable_directory


@pytest.fixture(scope="module")
def stack() -> Iterator[Launched]:
    with launched() as running:
        yield running


def test_the_first_start_says_where_it_is_and_shows_a_key_that_works(stack: Launched) -> None:
    assert f"http://127.0.0.1:{stack.port}/docs" in stack.output
    assert "fc_live_" in stack.output
    assert stack.answers()
    assert set(stack.pids()) == {"PostgreSQL", "nursery", "requirements", "roadmap", "metrics", "gateway"}


def test_the_doctor_finds_nothing(stack: Launched) -> None:
    told = fullcircle("doctor", home=stack.home, port=stack.port)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "gateway at" in told.stdout


def test_keys_are_made_listed_and_revoked_beside_a_running_stack(stack: Launched) -> None:
    made = fullcircle("keys", "create", "--name", "Reports", "--role", "viewer", home=stack.home)
    assert "fc_live_" in made.stdout, made.stderr
    key_id = made.stdout.split()[1]
    listed = fullcircle("keys", "list", home=stack.home).stdout
    assert key_id in listed
    assert made.stdout.split()[-1] not in listed
    assert "is revoked" in fullcircle("keys", "revoke", key_id, home=stack.home).stdout
    unknown = fullcircle("keys", "revoke", "00000000-0000-0000-0000-000000000000", home=stack.home)
    assert (unknown.returncode, unknown.stderr[:15]) == (1, "There is no key")


def test_where_one_database_is_named_keys_are_made_and_the_doctor_looks_at_that(
    stack: Launched, tmp_path: Path
) -> None:
    """As in the gateway's container, which shares the secrets, and is not told of its neighbours' databases."""
    server = EmbeddedPostgres.running(Home(stack.home).postgres())
    assert server is not None
    given = embedded_databases(server)["gateway"].environment("gateway")
    assert "fc_live_" in fullcircle("keys", "create", home=stack.home, given=given).stdout
    refused = fullcircle("backup", str(tmp_path), home=stack.home, given=given)
    assert (refused.returncode, "FULLCIRCLE_ROADMAP_DATABASE_URL" in refused.stderr) == (1, True)
    urls = json.loads((stack.home / "stack.json").read_text())["urls"]
    given |= {f"FULLCIRCLE_{service.upper()}_URL": url for service, url in urls.items()}
    told = fullcircle("doctor", home=tmp_path / "elsewhere", given=given)
    assert told.returncode == 0, told.stdout + told.stderr
    for said in ("database of gateway: migrated", "database of roadmap: not named here", f"{urls['roadmap']} is ready"):
        assert said in told.stdout
    del given["FULLCIRCLE_GATEWAY_MIGRATION_URL"]
    told = fullcircle("doctor", home=tmp_path / "elsewhere", given=given)
    assert (told.returncode, "WRONG database of gateway: not all" in told.stdout) == (1, True)


def test_a_second_launcher_on_the_same_home_is_told_who_holds_it(stack: Launched) -> None:
    told = fullcircle("up", home=stack.home)
    assert told.returncode == 1
    assert f"is in use by process {stack.process.pid}" in told.stderr


def test_a_taken_port_gets_a_clear_message() -> None:
    directory = reachable_directory()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = fullcircle("up", home=directory / "home", port=port)
    shutil.rmtree(directory)
    assert told.returncode == 1
    assert told.stderr == f"Port {port} is taken. Choose another with FULLCIRCLE_PORT.\n"


def test_a_home_written_by_a_newer_version_gets_a_clear_message() -> None:
    directory = reachable_directory()
    (directory / "version").write_text("999.1.0\n")
    told = fullcircle("up", home=directory)
    shutil.rmtree(directory)
    assert told.returncode == 1
    assert "was written by Fullcircle 999.1.0, which is newer" in told.stderr


def test_two_stacks_run_side_by_side_and_a_backup_of_one_comes_back_in_the_other(stack: Launched) -> None:
    archive = stack.home.parent / "backup.tar"
    saved = fullcircle("backup", str(archive), home=stack.home)
    assert saved.returncode == 0, saved.stderr
    with launched() as other:
        assert stack.answers()
        assert other.answers()
        refused = fullcircle("restore", str(archive), "--replace", home=other.home)
        assert "is in use by process" in refused.stderr
        pids = other.pids().values()
        other.process.send_signal(signal.SIGTERM)  # as a service manager stops it
        assert other.process.wait(60) == 0
        assert not any(map(is_running, pids))
        restored = fullcircle("restore", str(archive), "--replace", home=other.home)
        assert restored.returncode == 0, restored.stderr
        assert fullcircle("keys", "list", home=other.home).stdout == fullcircle("keys", "list", home=stack.home).stdout
        assert other.start().answers()


@pytest.mark.parametrize("name", ["metrics", "PostgreSQL", "nursery"])
def test_a_process_that_is_killed_is_started_again_and_the_terminal_says_so(stack: Launched, name: str) -> None:
    before = stack.pids()[name]
    stack.kill(name)
    stack.wait_for(f"{name} was ended by SIGKILL; starting it again in")
    stack.wait_for(f"{name} is ready again")
    assert stack.pids()[name] != before
    until(stack.answers, what="the gateway is ready again")


@pytest.mark.skipif(not CAN_FORK, reason="elsewhere no child hears that its parent has died")
def test_what_a_killed_launcher_leaves_ends_by_itself(stack: Launched) -> None:
    """The database ends at the same time, but after those who are connected: none of them misses it."""
    left = stack.pids()
    stack.process.kill()
    stack.process.wait()
    until(lambda: not any(map(is_running, left.values())), what="all have ended")
    for service in SERVICES:
        (*_, ending) = (stack.home / "logs" / f"{service}.log").read_text().split("Shutting down")
        assert "Application shutdown complete" in ending
        assert "connecting in" not in ending
    stack.start()


def test_after_a_killed_launcher_the_next_takes_over_and_ctrl_c_leaves_nothing(stack: Launched) -> None:
    left = stack.pids()
    stack.process.kill()
    stack.process.wait()
    stack.start()
    assert not [name for name, pid in left.items() if is_running(pid)]
    assert "shown on the first start" in stack.output
    assert "fc_live_" not in stack.output
    running = stack.pids()
    assert stack.interrupt() == 0
    assert "Stopped; the data is kept." in stack.output
    assert not [name for name, pid in running.items() if is_running(pid)]
