"""Language, kind, sentiment and spam of a text; a language model and its tables, so for a child process only.

Kind: the mean of a logistic regression on the words (`wording.py`) and one on the sentence vector. Sentiment and spam:
the sentence vector alone. Language: naive Bayes on byte n-grams. The weights are those that
`python -m services.requirements.language.training` wrote.

Source: Lui and Baldwin, langid.py, ACL 2012, as maintained in py3langid.
"""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from services.requirements.domain.labels import Labels, label
from services.requirements.language.embedder import embed
from services.requirements.language.sentences import BUGS, PRAISE, QUESTIONS, REQUESTS, lines
from services.requirements.language.wording import Chances, Wording, softmax

WEIGHTS = Path(__file__).parents[1] / "assets" / "label_weights.json"
KINDS = {"bug": BUGS, "praise": PRAISE, "question": QUESTIONS, "request": REQUESTS}
READ_CHARACTERS = 2_000


class Labeller:
    """The models of this process, loaded once."""

    def __init__(self) -> None:
        self._languages = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self._weights = json.loads(WEIGHTS.read_text("utf-8"))
        wording = self._weights["wording"]
        self._wording = Wording(
            [sentence for _, sentence in examples()], shares=wording["shares"], intercepts=wording["intercepts"]
        )

    def label(self, texts: Sequence[str], vectors: NDArray[Any]) -> list[Labels]:
        """The labels of each text, whose vectors are given."""
        if not len(texts):
            return []
        read = [text[:READ_CHARACTERS] for text in texts]
        kinds = (self._wording.chances(read) + self.by_meaning("kind", vectors)) / 2
        sentiments, spam = self.by_meaning("sentiment", vectors), self.by_meaning("spam", vectors)
        return [
            label(
                text,
                language=self._languages.classify(text),
                kinds=dict(zip(self._weights["kind"]["classes"], map(float, kinds[place]), strict=True)),
                sentiments=dict(zip(self._weights["sentiment"]["classes"], map(float, sentiments[place]), strict=True)),
                spam=float(spam[place][1]),
            )
            for place, text in enumerate(read)
        ]

    def by_meaning(self, aspect: str, vectors: NDArray[Any]) -> Chances:
        """Softmax of the shipped weights on the sentence vectors, shape (n, classes)."""
        weights = self._weights[aspect]
        logits = vectors.astype(np.float64) @ np.asarray(weights["weights"]).T + np.asarray(weights["intercepts"])
        return softmax(logits)


def examples() -> list[tuple[str, str]]:
    """Kind and sentence, in the order in which the weights know them."""
    return [(kind, sentence) for kind, block in KINDS.items() for sentence in lines(block)]


@cache
def labeller() -> Labeller:
    """The models of this process, loaded once."""
    return Labeller()


def understand(texts: Sequence[str], report: object) -> tuple[list[bytes], list[Labels]]:
    """The child's entry: the vector of each text in the form that crosses the process border, and its labels."""
    vectors = embed(texts, report)
    read = np.frombuffer(b"".join(vectors), dtype="<f2").reshape(len(texts), -1)
    return vectors, labeller().label(texts, read)
