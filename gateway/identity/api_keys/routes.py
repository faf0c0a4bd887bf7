"""Routes under /v1/api-keys."""

from datetime import timedelta
from uuid import UUID

from gateway.identity.api_keys.repository import ApiKeyRepository
from gateway.identity.api_keys.schemas import ApiKeyCreate, ApiKeyCreated, ApiKeyRead, ApiKeyRotate, ApiKeyUpdate
from gateway.identity.api_keys.service import ApiKeyService
from gateway.models import ApiKey
from services.chassis.answers import Created, created
from services.chassis.concurrency import IfMatch
from services.chassis.pagination import Paging, list_page
from services.chassis.routing import Router
from services.chassis.types import Page
from services.chassis.unit_of_work import Me, Work

router = Router(prefix="/v1/api-keys", tags=["API keys"])

FOR_THE_DESK = {"name": "Support desk", "role": "contributor", "scopes": ["feedback:write"]}
FROM_THE_OFFICE = {"allowed_networks": ["203.0.113.0/24", "2001:db8::/32"]}


@router.post(scope="admin:write", example=FOR_THE_DESK)
async def create_api_key(new: ApiKeyCreate, work: Work, me: Me) -> Created[ApiKeyCreated]:
    """Make an API key.

    The answer shows the key once; only a keyed hash of it is stored. A key can never do more than the one that makes
    it. Machines send it as `Authorization: Bearer fc_live_...`.

    For a form on a web page make one of the kind `form`: it may be read by everybody, because it can submit forms and
    do nothing else. For your own machines name their `allowed_networks`: a stolen key is then of no use elsewhere.
    """
    row, key = await _keys(work).create(new, by=me)
    await _tell(work, "api_key.created", row)
    return created(_with_key(row, key))


@router.get(scope="admin:read")
async def list_api_keys(work: Work, page: Paging) -> Page[ApiKeyRead]:
    """List the workspace's API keys, revoked ones included, newest first."""
    query = ApiKeyRepository(work.session).rows()
    return await list_page(work, query, page, model=ApiKey, subject_type="api_key", read=ApiKeyRead.model_validate)


@router.get("/{api_key_id}", scope="admin:read")
async def get_api_key(api_key_id: UUID, work: Work) -> ApiKeyRead:
    """Read what is known of an API key: everything but the key."""
    return ApiKeyRead.model_validate(await ApiKeyRepository(work.session).get(api_key_id))


@router.patch("/{api_key_id}", scope="admin:write", example=FROM_THE_OFFICE)
async def update_api_key(api_key_id: UUID, change: ApiKeyUpdate, work: Work, if_match: IfMatch) -> ApiKeyRead:
    """Change an API key's name, or where it may be used from.

    `allowed_networks` and `allowed_origins` work within a second. What a key may do is never changed: make another.
    """
    row = await ApiKeyRepository(work.session).get(api_key_id, lock=True)
    if_match.check(row)
    _keys(work).change(row, change.changes())
    await _tell(work, "api_key.updated", row)
    return ApiKeyRead.model_validate(row)


@router.post("/{api_key_id}/rotate", scope="admin:write", example={"overlap_hours": 24}, answers=(404, 409))
async def rotate_api_key(api_key_id: UUID, rotation: ApiKeyRotate, work: Work, me: Me) -> Created[ApiKeyCreated]:
    """Replace an API key without a gap.

    Answers a new key with the same name, role, scopes, origins and networks. The old one works for `overlap_hours`
    more, then expires; its `rotated_to` names the new one.
    """
    old, new, key = await _keys(work).rotate(api_key_id, overlap=timedelta(hours=rotation.overlap_hours), by=me)
    await _tell(work, "api_key.rotated", old)
    await _tell(work, "api_key.created", new)
    return created(_with_key(new, key), location=f"/v1/api-keys/{new.id}")


@router.post("/{api_key_id}/revoke", scope="admin:write", answers=(404,))
async def revoke_api_key(api_key_id: UUID, work: Work) -> ApiKeyRead:
    """Revoke an API key.

    It is refused everywhere within a second, for good. Revoking it again changes nothing.
    """
    row = await _keys(work).revoke(api_key_id)
    await _tell(work, "api_key.revoked", row)
    return ApiKeyRead.model_validate(row)


def _keys(work: Work) -> ApiKeyService:
    pepper = work.context.settings.secret_bytes("key_pepper")
    return ApiKeyService(ApiKeyRepository(work.session), pepper=pepper, clock=work.clock)


def _with_key(row: ApiKey, key: str) -> ApiKeyCreated:
    return ApiKeyCreated(**ApiKeyRead.model_validate(row).model_dump(), key=key)


async def _tell(work: Work, event: str, row: ApiKey) -> None:
    await work.session.flush()
    await work.events.append(event, subject_type="api_key", subject_id=row.id, version=row.version)
