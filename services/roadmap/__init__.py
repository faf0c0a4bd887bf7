"""Strategy that is checked, plans that are proved: objectives, features, roadmaps and their optimisation."""
