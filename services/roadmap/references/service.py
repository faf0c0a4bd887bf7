"""Makes sure that the teams, features and releases exist that a body names."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.chassis.errors import FieldError, UnknownReference
from services.chassis.repository import Repository
from services.chassis.unit_of_work import UnitOfWork
from services.roadmap.features.repository import FeatureRepository
from services.roadmap.releases.repository import ReleaseRepository
from services.roadmap.teams.repository import TeamRepository

NOUNS = {
    "team_id": "team",
    "for_team_id": "team",
    "to_team_id": "team",
    "feature_id": "feature",
    "release_id": "release",
}


async def require_references(work: UnitOfWork, fields: Mapping[str, Any]) -> None:
    """Raises UnknownReference for each field that names something which is not there; other fields are left alone."""
    named = {name: value for name, value in fields.items() if name in NOUNS and isinstance(value, UUID)}
    rooms: dict[str, Repository[Any]] = {
        "team": TeamRepository(work.session),
        "feature": FeatureRepository(work.session),
        "release": ReleaseRepository(work.session),
    }
    known: set[UUID] = set()
    for noun, room in rooms.items():
        known |= (await room.by_ids({value for name, value in named.items() if NOUNS[name] == noun})).keys()
    faults = [
        FieldError(f"/{name}", f"There is no {NOUNS[name]} {value}.", "unknown")
        for name, value in named.items()
        if value not in known
    ]
    if faults:
        raise UnknownReference(errors=faults)
