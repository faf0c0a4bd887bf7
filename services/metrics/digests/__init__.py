"""Digests: what moved on a dashboard in a week, kept as it was told."""
