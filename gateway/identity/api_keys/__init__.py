"""The keys of a workspace: made, shown once, rotated, revoked."""
