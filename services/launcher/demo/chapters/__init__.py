"""The story, a file per chapter."""
