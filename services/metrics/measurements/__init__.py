"""What was measured: taken in exactly once, added up at once, read as series."""
