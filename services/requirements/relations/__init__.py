"""How requirements hang together: what requires, excludes, couples or duplicates what."""
