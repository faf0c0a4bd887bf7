"""Experiments: evidence of grade A, readable at any moment without fooling oneself."""
