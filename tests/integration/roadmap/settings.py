"""The settings that the roadmap is tested with."""

from typing import Any

from services.roadmap.settings import RoadmapSettings
from tests.postgres import DatabaseAddress

SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"


def settings_of(address: DatabaseAddress, *, neighbours_url: str, **more: Any) -> RoadmapSettings:
    return RoadmapSettings(
        database_url=address.app_url,
        migration_url=address.owner_url,
        direct_url=address.app_url,
        requirements_url=neighbours_url,
        metrics_url=neighbours_url,
        signing_key=SEED,
        cursor_key=SEED,
        key_pepper=SEED,
        log_level="error",
        **more,
    )
