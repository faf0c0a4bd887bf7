"""The two kinds of operation: export and erasure."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gateway.compositions.privacy.service import ERASE, EXPORT, PrivacyService
from services.chassis.identity import Principal
from services.chassis.operations import OperationKinds, OperationRun


def privacy_operations(privacy: PrivacyService) -> OperationKinds:
    """What the gateway's worker does for `routes.py`."""
    kinds = OperationKinds()

    @kinds.kind(EXPORT)
    async def export_contact(run: OperationRun) -> Mapping[str, Any]:
        return await privacy.export(_contact(run), by=_requester(run))

    @kinds.kind(ERASE)
    async def erase_contact(run: OperationRun) -> Mapping[str, Any]:
        receipt = await privacy.erase(
            _contact(run), dry_run=run.payload["dry_run"], by=_requester(run), now=run.context.clock.now()
        )
        return receipt.model_dump(mode="json")

    return kinds


def _contact(run: OperationRun) -> UUID:
    return UUID(run.payload["contact_id"])


def _requester(run: OperationRun) -> Principal:
    return Principal(run.payload["requested_by"], run.payload["requested_as"], run.workspace_id)
