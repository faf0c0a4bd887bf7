"""Is this asked for already? Suggestions that people decide on, merges that can be undone, and what both teach."""
