"""Milestones: days by which something must be so, for a release or by themselves."""
