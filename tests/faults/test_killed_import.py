"""`kill -9` of the worker in the middle of an import: every row counts once, to the unit."""

from pathlib import Path
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from services.chassis.app import build_context
from services.chassis.identity import SCOPES, Principal, TokenSigner
from services.requirements.app import build_service
from services.requirements.settings import RequirementsSettings
from tests.faults.killed_import import import_killed_halfway
from tests.integration.chassis.toy import SEED
from tests.migrated import MigratedDatabases

ROWS = 4_000


async def test_an_import_killed_half_way_counts_every_row_once(migrated: MigratedDatabases, tmp_path: Path) -> None:
    database = await migrated.database("requirements")
    settings = RequirementsSettings(
        home=tmp_path,
        database_url=database.app_url,
        migration_url=database.owner_url,
        direct_url=database.app_url,
        signing_key=SEED,
        cursor_key=SEED,
        key_pepper=SEED,
        log_level="error",
        role="api",
    )
    app, workspace = build_service(build_context("requirements", settings)), uuid4()
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://requirements", headers=_bearer(workspace)
        ) as api,
    ):
        survived = await import_killed_halfway(api, database, tmp_path, rows=ROWS)
        async with app.state.context.database.session(workspace_id=workspace, read_only=True) as session:
            kept = await session.scalar(text("SELECT count(*) FROM feedback"))
            told = await session.scalar(
                text("SELECT count(DISTINCT subject_id) FROM event WHERE workspace_id = :id AND type = :kind"),
                {"id": workspace, "kind": "feedback.recorded"},
            )
            events = await session.scalar(
                text("SELECT count(*) FROM event WHERE workspace_id = :id AND type = :kind"),
                {"id": workspace, "kind": "feedback.recorded"},
            )
    assert ROWS // 3 <= survived.at_death < ROWS, "it died in the middle"
    refused = ROWS // 100
    whole = {"records": ROWS, "created": ROWS - refused, "known": 0, "refused": refused, "skipped": 0}
    assert survived.counts == whole
    assert kept == told == events == ROWS - refused


def _bearer(workspace: UUID) -> dict[str, str]:
    principal = Principal("key:test", "key", workspace, "admin", frozenset(SCOPES))
    token = TokenSigner(SEED, issuer="tests").sign(principal, audience="requirements", lifetime_s=3_600)
    return {"Authorization": f"Bearer {token}"}
