"""The strategy as a whole: where it and the plan do not meet."""
