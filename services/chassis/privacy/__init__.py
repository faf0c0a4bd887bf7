"""A person's data: what a service holds of it, how it is shown to them, and how it goes so that no byte stays."""
