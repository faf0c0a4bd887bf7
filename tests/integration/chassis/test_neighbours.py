"""Every service that follows another can be rebuilt from that one's snapshot, as the services are wired today."""

from importlib import import_module
from typing import Any

import pytest
from fastapi import FastAPI

from services.chassis.following import Follow, Following
from services.chassis.snapshot import SnapshotProvider
from tests.integration.chassis.toy import SEED

SERVICES = ("requirements", "roadmap", "metrics")


@pytest.fixture
def wiring(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """What each service hands to the chassis, without starting anything."""
    for secret in ("SIGNING_KEY", "CURSOR_KEY", "KEY_PEPPER"):
        monkeypatch.setenv(f"FULLCIRCLE_{secret}", SEED)
    return {service: _parts_of(service, monkeypatch) for service in SERVICES}


def _parts_of(service: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    for kind in ("DATABASE", "MIGRATION", "DIRECT"):
        monkeypatch.setenv(f"FULLCIRCLE_{service.upper()}_{kind}_URL", "postgresql://nobody@127.0.0.1:1/none")
    parts: dict[str, Any] = {}

    def build_app(_context: Any, **given: Any) -> FastAPI:
        parts.update(given)
        return FastAPI()

    module = import_module(f"services.{service}.app")
    monkeypatch.setattr(module, "build_app", build_app)
    module.create_app()
    return parts


def follows_of(parts: dict[str, Any]) -> list[Follow]:
    followings = [part for part in parts["background"] if isinstance(part, Following)]
    return [follow for following in followings for follow in following._follows]


def providers_of(parts: dict[str, Any]) -> list[SnapshotProvider]:
    return list(parts.get("snapshots", ()))


def test_everybody_reads_whom_the_design_says(wiring: dict[str, dict[str, Any]]) -> None:
    readers = {service: {follow.source for follow in follows_of(parts)} for service, parts in wiring.items()}
    assert readers["requirements"] >= {"roadmap", "metrics"}
    assert readers["roadmap"] >= {"requirements", "metrics"}
    assert readers["metrics"] >= {"roadmap"}


def test_a_snapshot_brings_what_its_reader_would_otherwise_remove(wiring: dict[str, dict[str, Any]]) -> None:
    for service, parts in wiring.items():
        for follow in follows_of(parts):
            if follow.on_gone != "snapshot":
                continue
            brought = {
                provider.subject_type
                for provider in providers_of(wiring[follow.source])
                if provider.event_type in follow.handlers.types
            }
            assert brought, f"{service} takes nothing from the snapshot of {follow.source}"
            assert set(follow.handlers.sweeps) <= brought, f"{service} would lose its copies from {follow.source}"


def test_a_consumer_has_a_cursor_of_its_own(wiring: dict[str, dict[str, Any]]) -> None:
    for service, parts in wiring.items():
        names = [follow.name or follow.source for follow in follows_of(parts)]
        assert len(names) == len(set(names)), service
