"""How good promises are: predictions against measured effects."""
