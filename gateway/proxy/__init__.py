"""Carries requests to the services and their answers back, as streams."""
