"""One audit log of the chains that the services and the gateway keep."""
