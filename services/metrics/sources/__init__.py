"""Figures that are fetched: from addresses on a schedule, and from files that somebody sends."""
