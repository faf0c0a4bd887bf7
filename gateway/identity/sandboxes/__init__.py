"""The sandbox of a workspace: a workspace of its own to try things in, with keys that begin with `fc_test_`."""
