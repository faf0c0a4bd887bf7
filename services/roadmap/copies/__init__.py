"""What the roadmap knows of requirements and KPIs: asked for when named, refreshed by their feeds."""
