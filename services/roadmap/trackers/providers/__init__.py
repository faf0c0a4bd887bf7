"""One file per tracker: how it signs, how its addresses look, and what its events mean in our words."""
