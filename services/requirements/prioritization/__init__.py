"""What comes first, and how sure one may be of it: rankings as lasting records."""
