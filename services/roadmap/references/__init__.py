"""References: that the teams, features and releases which a caller names are there."""
