"""Two themes that are one, as a person says; through all rebuilds, until it is undone."""
