"""What happened, told to the outside: one log per workspace, read by position, as a stream, or sent to webhooks."""
