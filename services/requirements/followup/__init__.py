"""Tells each person who asked what came of it: the last link of the chain, back to the customer."""
