"""Allocations: people who are booked for a while, for a feature or for what no roadmap shows."""
