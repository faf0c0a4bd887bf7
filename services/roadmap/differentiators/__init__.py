"""Differentiators: why people with a need should choose us, and what makes that true."""
