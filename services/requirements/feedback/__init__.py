"""What customers say: taken in one by one, in bulk or again by their own id; found by words and by meaning."""
