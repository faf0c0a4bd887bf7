"""What a series shows: where it is going, and what was out of the ordinary."""
