"""One plan, many views: each audience sees of it what it may, in words and dates of its own."""
