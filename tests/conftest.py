"""Fixtures every test may ask for."""

import os

from services.chassis.child import NICENESS

pytest_plugins = ["tests.postgres", "tests.migrated", "tests.e2e.stack", "tests.smtp"]

# Tests run side by side and keep every core busy: a model at the lowest priority would wait minutes for its turn.
os.environ.setdefault(NICENESS, "0")
