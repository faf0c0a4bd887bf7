"""From words to meanings, by the language model in its child process."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from services.chassis.child import Children, ChildServer
from services.requirements.domain.labels import Labels

EMBED = "services.requirements.language.embedder:embed"
UNDERSTAND = "services.requirements.language.labelling:understand"
AT_ONCE = 32
"""So many texts at a time: whoever asks a question waits for one such turn, not for a whole page of intake."""


@dataclass(frozen=True)
class Readable:
    """A version of some feedback, as much of it as the model reads."""

    id: UUID
    version: int
    words: str


@dataclass(frozen=True)
class Meaning:
    """The vector of one version of some feedback, little-endian halves."""

    feedback_id: UUID
    version: int
    vector: bytes


@dataclass(frozen=True)
class Understood:
    """The meaning of one version of some feedback, and what it is."""

    meaning: Meaning
    words: str
    labels: Labels


class Embedder:
    """The language model and what labels rest on, in a child process that stays below 400 MB; and who builds themes."""

    def __init__(self) -> None:
        self._child = ChildServer()
        self.builders = Children()

    async def embed(self, readable: Sequence[Readable]) -> list[Meaning]:
        """The meanings, outside of any transaction. Raises ChildDied."""
        if not readable:
            return []
        vectors = await self.vectors([each.words for each in readable])
        return [Meaning(each.id, each.version, vector) for each, vector in zip(readable, vectors, strict=True)]

    async def understand(self, readable: Sequence[Readable]) -> list[Understood]:
        """Meanings and labels at once. Raises ChildDied."""
        understood: list[Understood] = []
        for start in range(0, len(readable), AT_ONCE):
            page = readable[start : start + AT_ONCE]
            found = await self._child.call(UNDERSTAND, [each.words for each in page])
            for each, vector, labels in zip(page, *found, strict=True):
                understood.append(Understood(Meaning(each.id, each.version, vector), each.words, labels))
        return understood

    async def vectors(self, texts: Sequence[str]) -> list[bytes]:
        """A vector for each text, little-endian halves. Raises ChildDied."""
        vectors: list[bytes] = []
        for start in range(0, len(texts), AT_ONCE):
            vectors += await self._child.call(EMBED, list(texts[start : start + AT_ONCE]))
        return vectors

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Ends the children with the block; they are started by their first use."""
        try:
            yield
        finally:
            await self._child.close()
            await self.builders.close()
