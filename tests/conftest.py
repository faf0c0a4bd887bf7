"""Fixtures every test may ask for."""

import contextlib
import gc
import importlib
import os
import shutil
import sys
import threading
from pathlib import Path
from typing import TextIO

import pytest
from hypothesis import HealthCheck, settings

from services.chassis.child import NICENESS
from tests.shared import FURNISHED, KEEPER, RUN, SHARED, locked, reachable_directory, remove_abandoned

pytest_plugins = ["tests.migrated", "tests.e2e.shared_stack", "tests.smtp", "tests.browser"]

# Tests run side by side and keep every core busy: a model at the lowest priority would wait minutes for its turn.
os.environ.setdefault(NICENESS, "0")


# How long an input takes says how busy the cores are, and on a clean clone that tables of Unicode are read first.
settings.register_profile("busy", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


# What needs no stack and keeps all workers busy while theirs starts.
FIRST = "tests/integration/chassis/"
HELD: pytest.StashKey[TextIO] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """One place for what the workers of this run share, which a whole run begins to fill; they inherit its name."""
    if hasattr(config, "workerinput"):
        return
    remove_abandoned()
    os.environ[SHARED] = str(reachable_directory())
    config.stash[HELD] = locked(RUN)
    if config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.option.collectonly:
        for module in ("tests.migrated", "tests.e2e.shared_stack"):
            threading.Thread(target=importlib.import_module(module).begin, daemon=True).start()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Of several workers each reads its share of the files first, and keeps them for the others.

    To rewrite their assertions takes as long as everything else about collecting them, and all would do it for all.
    """
    if not hasattr(session.config, "workerinput"):
        return
    sys.dont_write_bytecode = False
    told = session.config.workerinput
    for path in test_files(session.config)[int(told["workerid"].removeprefix("gw")) :: told["workercount"]]:
        with contextlib.suppress(Exception, pytest.skip.Exception):  # collection meets it again, and reports it
            importlib.import_module(".".join(path.relative_to(session.config.rootpath).with_suffix("").parts))


def test_files(config: pytest.Config) -> list[Path]:
    """The files in the directories that are asked for."""
    asked = [(config.rootpath / argument).resolve() for argument in config.args]
    left_out = {(config.rootpath / path).resolve() for path in config.getoption("ignore") or ()}
    return sorted({path for each in asked if each.is_dir() for path in each.rglob("test_*.py")} - left_out)


def pytest_unconfigure(config: pytest.Config) -> None:
    """The keeper of the stack sees the lock of the run go, and is waited for, as is who still begins."""
    if hasattr(config, "workerinput"):
        return
    config.stash[HELD].close()
    for begun in (KEEPER, f"{FURNISHED}.lock"):
        locked(begun).close()
    shutil.rmtree(os.environ.pop(SHARED))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))


def pytest_collection_finish() -> None:
    """What was imported lives as long as the worker: no collection looks there, and they come less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
