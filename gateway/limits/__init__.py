"""How much one caller may ask, and from which web pages."""
