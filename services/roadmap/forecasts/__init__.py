"""Forecasts: when each feature will be done, with the chance of what was promised."""
