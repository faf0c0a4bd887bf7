"""Ways in for those who speak another protocol: each follows that protocol's own rules, and nothing else here."""
