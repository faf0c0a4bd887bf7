"""What single people estimate of a requirement, kept apart, so that their disagreement can be seen."""
