"""Constraints: dates and policies that a plan should keep."""
