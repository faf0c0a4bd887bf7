"""Rules over several features that hold for every plan: exclusions, couplings, alternatives, exactly one of several."""
