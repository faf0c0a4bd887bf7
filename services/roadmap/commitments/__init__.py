"""Commitments: what a team is asked for, by whom and until when, and what it answers."""
