"""How the roadmap asks its neighbours, reading only what it needs of their answers."""
