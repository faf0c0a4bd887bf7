"""Our own drawings: from what an audience sees to shapes, and from shapes to SVG or PDF."""
