"""What customers keep saying: themes found in their words, with names that last."""
