"""Pictures of our own: shapes with a meaning, and shapes as SVG."""
