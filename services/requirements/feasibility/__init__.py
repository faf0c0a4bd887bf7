"""Whether something can be done, as experts judge it: each with a range and a reason, kept apart."""
