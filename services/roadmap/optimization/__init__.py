"""Optimisations: a question about what to build, an immutable proposal with its proof, and its adoption."""
