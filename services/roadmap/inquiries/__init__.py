"""Questions to an answer: what if, value against budget, why, and whether it still holds."""
