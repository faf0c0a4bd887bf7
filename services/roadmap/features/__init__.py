"""Features: from requirements to something planned, shipped and judged by what it moved."""
