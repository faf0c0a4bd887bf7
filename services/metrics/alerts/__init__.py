"""Alerts: rules on KPIs, looked at as data comes, and the calls that they made."""
