"""Tries plans out beside the living roadmap, publishes it as versions, and says what differs and why."""
