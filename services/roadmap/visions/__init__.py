"""Visions: what a product should become; each version is kept with the reason for it."""
