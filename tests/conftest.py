"""Fixtures every test may ask for."""

import gc
import os
import shutil

import pytest

from services.chassis.child import NICENESS
from tests.shared import SHARED, reachable_directory

pytest_plugins = ["tests.postgres", "tests.migrated", "tests.e2e.stack", "tests.smtp"]

# Tests run side by side and keep every core busy: a model at the lowest priority would wait minutes for its turn.
os.environ.setdefault(NICENESS, "0")


def pytest_configure(config: pytest.Config) -> None:
    """One place for what the workers of this run share; they inherit its name."""
    if not hasattr(config, "workerinput"):
        os.environ[SHARED] = str(reachable_directory())


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(SHARED))


def pytest_collection_finish() -> None:
    """What was imported lives as long as the worker: no collection looks there, and they come less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
