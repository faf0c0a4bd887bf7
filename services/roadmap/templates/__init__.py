"""Templates: proven forms of a strategy, filled in and set up at once."""
