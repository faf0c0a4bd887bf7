"""The event log of a workspace: appended from the feeds, read by position or followed as a stream."""
