"""What Segment's libraries send, so that they work by pointing their host here (Segment HTTP Tracking API)."""
