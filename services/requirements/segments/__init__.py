"""Customers of a kind, by a rule; and where each piece of feedback came from, frozen and live."""
