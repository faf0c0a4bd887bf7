"""Fixtures every test may ask for."""

import gc
import os
import shutil
import signal
import subprocess
import sys

import pytest

from services.chassis.child import NICENESS
from tests.shared import SHARED, reachable_directory

pytest_plugins = ["tests.postgres", "tests.migrated", "tests.e2e.stack", "tests.smtp"]

# Tests run side by side and keep every core busy: a model at the lowest priority would wait minutes for its turn.
os.environ.setdefault(NICENESS, "0")


# What needs no stack and keeps all workers busy while the first home is made.
FIRST = "tests/integration/chassis/"
MAKER: pytest.StashKey["subprocess.Popen[bytes]"] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """One place for what the workers of this run share, which a whole run begins to fill; they inherit its name."""
    if hasattr(config, "workerinput"):
        return
    os.environ[SHARED] = str(reachable_directory())
    if config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.option.collectonly:
        config.stash[MAKER] = subprocess.Popen([sys.executable, "-m", "tests.e2e.make_model"], cwd=config.rootpath)


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    if maker := config.stash.get(MAKER, None):
        maker.send_signal(signal.SIGINT)  # of no consequence where it has ended, as it has after a whole run
        maker.wait()
    shutil.rmtree(os.environ.pop(SHARED))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))


def pytest_collection_finish() -> None:
    """What was imported lives as long as the worker: no collection looks there, and they come less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
