"""Writes the weights that labels rest on again: `python -m services.requirements.language.training`.

Logistic regressions on the vectors and on the words of `sentences.py`; the same sentences and language model give the
same file.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_union

from services.requirements.language.embedder import embedder
from services.requirements.language.labelling import KINDS, WEIGHTS, examples
from services.requirements.language.sentences import (
    BUGS,
    BUSINESS,
    COMPLAINTS,
    PRAISE,
    QUESTIONS,
    REQUESTS,
    SPAM,
    STATEMENTS,
    lines,
)

MOODS: Mapping[str, Sequence[str]] = {
    "negative": [*lines(COMPLAINTS), *lines(BUGS)[:30]],
    "neutral": [*lines(STATEMENTS), *lines(QUESTIONS)[:20], *lines(REQUESTS)[:15]],
    "positive": lines(PRAISE),
}
HONEST = [
    sentence
    for block in (BUGS, REQUESTS, PRAISE, QUESTIONS, COMPLAINTS, STATEMENTS, BUSINESS)
    for sentence in lines(block)
]
ASPECTS: Mapping[str, tuple[Mapping[str, Sequence[str]], float]] = {
    "kind": ({kind: lines(block) for kind, block in KINDS.items()}, 10.0),
    "sentiment": (MOODS, 3.0),
    "spam": ({"ham": HONEST, "spam": lines(SPAM)}, 30.0),
}


def fit(classes: Mapping[str, Sequence[str]], *, strength: float) -> dict[str, Any]:
    """One row of weights per class; of two classes the first has zeros."""
    texts = [(text, name) for name, those in sorted(classes.items()) for text in those]
    vectors = embedder().embed([text for text, _ in texts])
    model = LogisticRegression(C=strength, max_iter=1_000, class_weight="balanced").fit(vectors, [n for _, n in texts])
    rows, intercepts = model.coef_.tolist(), model.intercept_.tolist()
    if len(classes) == 2:
        rows, intercepts = [[0.0] * len(rows[0]), *rows], [0.0, *intercepts]
    return {
        "classes": model.classes_.tolist(),
        "weights": [[round(value, 3) for value in row] for row in rows],
        "intercepts": [round(value, 3) for value in intercepts],
    }


def words_and_characters() -> Any:
    """TF-IDF of words and pairs of words and of 2 to 5 characters."""
    return make_union(
        TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
    )


def by_wording() -> tuple[Any, LogisticRegression]:
    """What makes a text's terms a vector, and what was learned from those of the sentences."""
    vectorizer, model = words_and_characters(), LogisticRegression(C=5, max_iter=400)
    vectors = vectorizer.fit_transform([sentence for _, sentence in examples()])
    return vectorizer, model.fit(vectors, [kind for kind, _ in examples()])


def fit_wording() -> dict[str, Any]:
    """How much each sentence has a share in each class's weights."""
    vectorizer, model = by_wording()
    vectors = vectorizer.transform([sentence for _, sentence in examples()])
    likeness = (vectors @ vectors.T).toarray()
    shares = np.linalg.lstsq(likeness, vectors @ model.coef_.T, rcond=None)[0]
    return {
        "classes": model.classes_.tolist(),
        "shares": [[round(value, 4) for value in row] for row in shares.tolist()],
        "intercepts": [round(value, 4) for value in model.intercept_.tolist()],
    }


def main() -> None:
    found = {aspect: fit(classes, strength=strength) for aspect, (classes, strength) in ASPECTS.items()}
    found["wording"] = fit_wording()
    WEIGHTS.write_text(json.dumps(found, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main()
