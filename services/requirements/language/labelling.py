"""Language, kind, sentiment and spam of a text; scikit-learn and a language model, so for a child process only.

Kind: the mean of a logistic regression on TF-IDF of words and characters, fitted here from `sentences.py` in a second,
and one on the sentence vector, whose weights `python -m services.requirements.language.training` wrote. Sentiment and
spam: the sentence vector alone. Language: naive Bayes on byte n-grams.

Source: Lui and Baldwin, langid.py, ACL 2012, as maintained in py3langid; Joachims, Text categorization with support
vector machines, 1998, for words weighed by TF-IDF.
"""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from py3langid.langid import MODEL_FILE, LanguageIdentifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

from services.requirements.domain.labels import Labels, label
from services.requirements.language.sentences import BUGS, PRAISE, QUESTIONS, REQUESTS, lines

WEIGHTS = Path(__file__).parents[1] / "assets" / "label_weights.json"
KINDS = {"bug": BUGS, "praise": PRAISE, "question": QUESTIONS, "request": REQUESTS}
READ_CHARACTERS = 2_000

Chances = NDArray[np.float64]


class Labeller:
    """The models of this process, loaded once."""

    def __init__(self) -> None:
        self._languages = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self._weights = json.loads(WEIGHTS.read_text("utf-8"))
        examples = [(sentence, kind) for kind, block in KINDS.items() for sentence in lines(block)]
        self._kinds = words_and_characters().fit([text for text, _ in examples], [kind for _, kind in examples])

    def label(self, texts: Sequence[str], vectors: NDArray[Any]) -> list[Labels]:
        """The labels of each text, whose vectors are given."""
        if not len(texts):
            return []
        read = [text[:READ_CHARACTERS] for text in texts]
        kinds = (self._kinds.predict_proba(read) + self.by_meaning("kind", vectors)) / 2
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
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        chances: Chances = powers / powers.sum(axis=1, keepdims=True)
        return chances


def words_and_characters() -> Any:
    """TF-IDF of words and pairs of words and of 2 to 5 characters, into a logistic regression."""
    return make_pipeline(
        make_union(
            TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
        ),
        LogisticRegression(C=5, max_iter=400),
    )


@cache
def labeller() -> Labeller:
    """The models of this process, loaded once."""
    return Labeller()


def label_read(payload: tuple[Sequence[str], Sequence[bytes]], _report: object) -> list[Labels]:
    """The child's entry: `(texts, their vectors as little-endian float16)`."""
    texts, vectors = payload
    return labeller().label(texts, np.frombuffer(b"".join(vectors), dtype="<f2").reshape(len(texts), -1))
