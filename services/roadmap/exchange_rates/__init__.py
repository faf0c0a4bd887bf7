"""Rates between currencies, entered by people, dated."""
