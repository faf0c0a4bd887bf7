"""The workspace that a caller belongs to, and the caller in it."""
