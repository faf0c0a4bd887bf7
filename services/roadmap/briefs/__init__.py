"""Briefs: what a team owes, to whom and by when, and what it waits for."""
