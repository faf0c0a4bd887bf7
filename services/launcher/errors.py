"""What the launcher says when it cannot go on: one sentence for people, never a stack trace."""


class LauncherError(Exception):
    """A failure that the person at the keyboard can understand and mend."""
