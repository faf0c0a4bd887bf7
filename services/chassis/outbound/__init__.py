"""The one way out: whatever address someone else has given us is reached through this client, or not at all."""
