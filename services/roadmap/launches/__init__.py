"""Launches: what still blocks a release, and the moment in which it goes out."""
