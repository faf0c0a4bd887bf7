"""What was measured, taken in: proposals to correct estimates, for people to accept or dismiss."""
