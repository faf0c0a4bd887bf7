"""Products: what a strategy is for."""
