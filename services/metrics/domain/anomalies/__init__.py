"""What was out of the ordinary in a series, judged at each moment by the past alone."""
