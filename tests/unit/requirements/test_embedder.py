"""The language model itself: meaning, order, and damage noticed."""

from pathlib import Path

import numpy as np
import pytest

from services.requirements.language import embedder
from services.requirements.language.model import DIMENSIONS


def test_like_meanings_lie_near_each_other() -> None:
    late, later, sky = embedder.embedder().embed(
        ["My card has not arrived", "Where is my new card?", "The sky is blue"]
    )
    assert float(late @ later) > 0.5 > float(late @ sky)


def test_a_vector_does_not_depend_on_its_neighbours() -> None:
    texts = ["one", "a much longer text than the one before it, with many more words", "two words", ""] * 9
    together = embedder.embedder().embed(texts)
    alone = np.concatenate([embedder.embedder().embed([text]) for text in texts[:4]])
    assert np.allclose(together[:4], alone, atol=1e-5)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_vectors_cross_the_border_as_float16() -> None:
    (raw,) = embedder.embed(["hello"], None)
    assert len(raw) == 2 * DIMENSIONS


def test_a_file_that_was_not_reviewed_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "model.onnx"
    other.write_bytes(b"something else")
    with pytest.raises(embedder.ModelDamaged):
        embedder._require(other, sha256=embedder.MODEL_SHA256)
