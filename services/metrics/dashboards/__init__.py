"""KPIs that are looked at together, and where each of them stands."""
