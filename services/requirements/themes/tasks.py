"""The rebuild: every meaning grouped anew in a child process, and the themes that come of it given their old names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import numpy as np

from services.chassis.child import Child
from services.chassis.identity import system_principal
from services.chassis.nameless import nameless_file
from services.chassis.operations import OperationHandler, OperationKinds, OperationRun
from services.chassis.unit_of_work import UnitOfWork
from services.requirements.domain.lineage import inherit
from services.requirements.models import Theme
from services.requirements.themes.embeddings import HALVES, NOBODY, EmbeddingRepository
from services.requirements.themes.families import gather
from services.requirements.themes.meaning import Embedder
from services.requirements.themes.repository import ThemeRepository
from services.requirements.themes.service import REBUILD, automatic_name, recount, tell
from services.requirements.themes.shapes import ShapeRepository

GROUP = "services.requirements.themes.building:group"
NAME = "services.requirements.themes.building:name"
EMBED_BATCH = 256
NAMED_BY = 150
NAMED_BY_CHARACTERS = 1_000


@dataclass(frozen=True)
class Found:
    """One theme as the grouping found it, members from the most central outwards; or `theme_id`, as people made it."""

    members: Sequence[tuple[UUID, float]]
    centre: bytes = b""
    words: Sequence[str] = ()
    spokesman: UUID | None = None
    theme_id: UUID | None = None
    family: int | None = None


@dataclass(frozen=True)
class Named:
    """All themes with their words, and the words of each family of them."""

    themes: Sequence[Found] = ()
    families: Mapping[int, Sequence[str]] = field(default_factory=dict)


def rebuild_kinds(embedder: Embedder) -> OperationKinds:
    """The operations of this room."""
    kinds = OperationKinds()
    kinds.kind(REBUILD)(rebuild_with(embedder))
    return kinds


def rebuild_with(embedder: Embedder) -> OperationHandler:
    async def rebuild(run: OperationRun) -> Mapping[str, Any] | None:
        await _embed_the_rest(run, embedder)
        await run.progress(0.5, "Finding what is said often")
        async with embedder.builders.lent() as child:
            found = await _made_by_hand(run, await _group(run, child))
            await run.progress(0.9, "Naming the themes")
            named = await _name(run, found, child)
        await _keep(run, named)
        return None

    return rebuild


async def _embed_the_rest(run: OperationRun, embedder: Embedder) -> None:
    """What the feed's reader has not come to yet, or was embedded by another model."""
    after = NOBODY
    while True:
        async with run.transaction() as session:
            readable = await EmbeddingRepository(session).lacking(after=after, limit=EMBED_BATCH)
        if not readable:
            return
        meanings = await embedder.embed(readable)
        async with run.transaction() as session:
            await EmbeddingRepository(session).store(meanings)
        after = readable[-1].id


async def _group(run: OperationRun, child: Child) -> list[Found]:
    """The vectors go through a file, so that neither process holds them all."""
    with nameless_file() as (file, path):
        ids: list[UUID] = []
        async with run.transaction() as session:
            async for vectors in EmbeddingRepository(session).stream():
                ids.extend(vectors)
                file.write(np.frombuffer(b"".join(vectors.values()), dtype=">f2").astype("<f2").tobytes())
        file.flush()
        if not ids:
            return []
        grouping = await child.call(GROUP, path)
    members: list[list[tuple[UUID, float]]] = [[] for _ in grouping.centres]
    for feedback_id, label, cosine in zip(ids, grouping.labels, grouping.cosines, strict=True):
        if label >= 0:
            members[label].append((feedback_id, cosine))
    return [
        Found(sorted(those, key=lambda member: -member[1]), centre, family=family)
        for those, centre, family in zip(members, grouping.centres, grouping.families, strict=True)
    ]


async def _made_by_hand(run: OperationRun, found: Sequence[Found]) -> list[Found]:
    """The groups without what people have put elsewhere, and after them what people made of that."""
    async with run.transaction() as session:
        pins = await ThemeRepository(session).pins()
    if not pins:
        return list(found)
    parts: dict[UUID, list[tuple[UUID, float]]] = {}
    for feedback_id, theme_id in pins.items():
        parts.setdefault(theme_id, []).append((feedback_id, 1.0))
    left = [replace(each, members=[member for member in each.members if member[0] not in pins]) for each in found]
    return [each for each in left if each.members] + [
        Found(members, theme_id=theme_id) for theme_id, members in parts.items()
    ]


async def _name(run: OperationRun, found: Sequence[Found], child: Child) -> Named:
    if not found:
        return Named()
    central = [[feedback_id for feedback_id, _ in each.members[:NAMED_BY]] for each in found]
    async with run.transaction() as session:
        wanted = [feedback_id for those in central for feedback_id in those]
        texts = await ThemeRepository(session).openings(wanted, characters=NAMED_BY_CHARACTERS)
    kept = [[feedback_id for feedback_id in those if feedback_id in texts] for those in central]
    spoken = [[texts[feedback_id] for feedback_id in those] for those in kept]
    labels = await child.call(NAME, spoken)
    themes = [
        replace(each, words=label.words, spokesman=those[label.spokesman] if those else None)
        for each, label, those in zip(found, labels, kept, strict=True)
    ]
    return Named(themes, await _name_families(themes, spoken, child))


async def _name_families(
    found: Sequence[Found], spoken: Sequence[Sequence[str]], child: Child
) -> Mapping[int, Sequence[str]]:
    """What sets a family apart from the other families, and from the themes that are alone."""
    families: dict[int, list[str]] = {}
    alone = []
    for each, texts in zip(found, spoken, strict=True):
        if each.family is None:
            alone.append(texts)
        else:
            families.setdefault(each.family, []).extend(texts)
    if not families:
        return {}
    labels = await child.call(NAME, [*families.values(), *alone])
    return {family: label.words for family, label in zip(families, labels, strict=False)}


async def _keep(run: OperationRun, named: Named) -> None:
    """Themes, members, events and the operation's end in one transaction."""
    async with run.transaction() as session:
        work = UnitOfWork(
            run.context, system_principal(run.context.name, workspace_id=run.workspace_id), session=session
        )
        themes, found = ThemeRepository(session), list(named.themes)
        await themes.lock_all()
        spokesmen = await themes.openings([each.spokesman for each in found if each.spokesman], characters=1)
        found = [each if each.spokesman in spokesmen else replace(each, spokesman=None) for each in found]
        known = {theme.id: theme for theme in await themes.alive()}
        found = [each for each in found if each.theme_id is None or each.theme_id in known]
        pins = await themes.pins()
        heirs = await _heirs(themes, found, pins)
        kept = [
            await _settle(themes, run, known.get(each.theme_id or heirs.get(place, NOBODY)), each)
            for place, each in enumerate(found)
        ]
        families = [each.family for each in found]
        headings = await gather(work, list(zip(kept, families, strict=True)), named.families, known=known)
        retired = _retired(known.values(), kept)
        for theme in retired:
            theme.retired_at, theme.size = run.context.clock.now(), 0
        await session.flush()
        await themes.join(
            [
                (member, theme.id, cosine)
                for theme, each in zip(kept, found, strict=True)
                if each.theme_id is None
                for member, cosine in each.members
            ]
        )
        homeless = await themes.empty([theme.id for theme in retired])  # they came after the vectors had been read
        await themes.join_nearest(sorted({*homeless, *pins}))
        await ShapeRepository(session).draw()
        await tell(work, [*kept, *headings, *retired])
        await recount(work, {*known, *(theme.id for theme in kept)} - {theme.id for theme in retired})
        await work.audit.write()
        result = {"themes": len(kept), "feedback": sum(len(each.members) for each in found), "retired": len(retired)}
        await run.succeed(session, result)
    run.context.signal("feed")


async def _heirs(themes: ThemeRepository, found: Sequence[Found], pins: Mapping[UUID, UUID]) -> dict[int, UUID]:
    """Which theme each group carries on; what people have put somewhere says nothing of that."""
    old = {each: theme_id for each, theme_id in (await themes.members()).items() if each not in pins}
    new = {
        feedback_id: place
        for place, each in enumerate(found)
        if each.theme_id is None
        for feedback_id, _ in each.members
    }
    made = {each.theme_id for each in found}
    return inherit((old.get(each), new.get(each)) for each in {*old, *new} if old.get(each) not in made - {None})


def _retired(known: Iterable[Theme], kept: Sequence[Theme]) -> list[Theme]:
    """What was not found again; not what a person made, nor what others that stay belong to."""
    staying = [*kept, *(theme for theme in known if theme.is_by_hand)]
    needed = {name for each in staying for name in (each.id, each.merged_into_id, each.parent_id)}
    return [theme for theme in known if theme.id not in needed and not theme.is_by_hand]


async def _settle(themes: ThemeRepository, run: OperationRun, theme: Theme | None, found: Found) -> Theme:
    """The theme that carries on, or a new one, as it was found this time."""
    words = list(found.words)
    values: dict[str, Any] = {
        "name": automatic_name(words),
        "words": words,
        "quoted_feedback_id": found.spokesman,
        "rebuilt_at": run.context.clock.now(),
        "size": len(found.members),
    }
    if found.centre:
        values["centre"] = list(HALVES.unpack(found.centre))
    if theme is None:
        return await themes.add(Theme(**values))
    if theme.is_named_by_hand:
        del values["name"]
    for name, value in values.items():
        setattr(theme, name, value)
    return theme
