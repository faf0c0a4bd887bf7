"""Digest subscriptions: who gets which digest, on which weekday and hour, by mail or by event."""
