"""Risks: what may happen, how likely that is, what it would cost in days, and what is done about it."""
