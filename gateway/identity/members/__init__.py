"""The people of a workspace: invited, given a role, removed."""
