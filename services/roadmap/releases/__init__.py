"""Releases: features that go out together, and what every function does for it."""
