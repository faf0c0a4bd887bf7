"""Decisions: why the roadmap changed, resting on evidence and on the alternatives that were considered."""
