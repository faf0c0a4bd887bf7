"""Fixtures every test may ask for."""

pytest_plugins = ["tests.postgres", "tests.migrated", "tests.e2e.stack", "tests.smtp"]
