"""Targets: what a KPI should come to by when, and how it is getting on."""
