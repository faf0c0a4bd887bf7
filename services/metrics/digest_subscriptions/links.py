"""The links by which a digest's reader leaves."""

from services.chassis.leaving import LeavingLinks

LINKS = LeavingLinks("/v1/digest-unsubscribe", purpose="digest-unsubscribe", what="digests")
