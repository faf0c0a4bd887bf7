"""Problems that only the edge knows; the tree they belong to is in `services.chassis.errors`."""

from services.chassis.errors import Problem


class NotImplementedHere(Problem):
    status, code, title = 501, "not_implemented", "This cannot be done here"


class CallerGone(Exception):
    """The caller hung up: nobody is left to answer."""
