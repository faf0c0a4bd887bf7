"""Markets: segments with their size and its source, and the personas in them."""
