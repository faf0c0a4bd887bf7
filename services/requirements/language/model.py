"""Which language model speaks here; light enough to import where the model itself is not."""

MODEL = "all-MiniLM-L6-v2-int8"
DIMENSIONS = 384
"""Width of a sentence vector of all-MiniLM-L6-v2 (its model card)."""
