"""The links by which a contact leaves."""

from services.chassis.leaving import LeavingLinks

LINKS = LeavingLinks("/v1/unsubscribe", purpose="unsubscribe", what="messages")
