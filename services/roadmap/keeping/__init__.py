"""What all things of the strategy have in common: they are written by hand, and linked to one another."""
