"""Decisions about plans, without a database, a clock or a network."""
