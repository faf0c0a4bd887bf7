"""Gives a roadmap to people outside: an address that shows what one audience sees, until it is taken back."""
