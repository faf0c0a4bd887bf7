"""Competition: who else there is, who does what how well, and how the product is positioned among them."""
