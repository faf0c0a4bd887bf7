"""Fields of a workspace's own, declared with their types."""
