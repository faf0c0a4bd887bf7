"""Budgets: planned, committed, spent and forecast, line by line."""
