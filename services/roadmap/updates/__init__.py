"""Tells each audience what changed: drafted from the plan, approved by somebody, sent, and answered."""
