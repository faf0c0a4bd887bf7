"""What the team says of requirements."""
