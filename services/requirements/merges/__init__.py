"""Two that are one: merged, and parted again exactly as they were."""
