"""Initiatives: groups of features that together move objectives."""
