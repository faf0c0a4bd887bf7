"""What a theme is called: the words that set it apart, and one quote that stands for it; child process only."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

from services.requirements.domain.groups import Label

VOCABULARY = 20_000
WORD = r"(?u)\b[^\W\d_][\w'\u2019]+\b"
READABLE = range(25, 161)
"""A quote of this many characters says something and can be taken in at a glance."""


def label_themes(themes: Sequence[Sequence[str]], *, words: int = 4) -> list[Label]:
    """One label for each theme, given its members' texts, the most central first.

    Words are chosen by class-based TF-IDF: W(t, c) = tf(t, c) * ln(1 + A / f(t)), tf the term's share of the class's
    words, A the mean number of words per class, f(t) the term's count in all classes.

    Source: M. Grootendorst, BERTopic: neural topic modeling with a class-based TF-IDF procedure, 2022.
    """
    terms, weights = _term_weights(themes)
    return [
        Label(tuple(_distinct(terms, row, wanted=words)), _spokesman(texts))
        for texts, row in zip(themes, weights, strict=True)
    ]


def _term_weights(themes: Sequence[Sequence[str]]) -> tuple[NDArray[np.str_], NDArray[np.float64]]:
    """Terms (words and pairs of words) and their weights, shape (themes, terms); a term must occur in two texts."""
    counter = CountVectorizer(
        ngram_range=(1, 2), stop_words=list(ENGLISH_STOP_WORDS), token_pattern=WORD, max_features=VOCABULARY, min_df=2
    )
    owners = np.repeat(np.arange(len(themes)), [len(texts) for texts in themes])
    try:
        table = counter.fit_transform(text for texts in themes for text in texts)
    except ValueError:  # nothing but stop words, or no word twice
        return np.array([], dtype=np.str_), np.zeros((len(themes), 0))
    counts = np.stack([np.asarray(table[owners == theme].sum(axis=0)).ravel() for theme in range(len(themes))])
    sizes = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    weights = counts / sizes * np.log1p(sizes.mean() / counts.sum(axis=0))
    return np.asarray(counter.get_feature_names_out(), dtype=np.str_), weights


def _distinct(terms: NDArray[np.str_], weights: NDArray[np.float64], *, wanted: int) -> Iterator[str]:
    """The best terms, each word once; a word gives way to a phrase with it that weighs at least half as much."""
    best = np.argsort(-weights, kind="stable")[: 8 * wanted]
    strength = {str(terms[place]): float(weights[place]) for place in best if weights[place] > 0}
    used: set[str] = set()
    for term, weight in strength.items():
        phrases = [other for other, own in strength.items() if term in other.split() and own >= weight / 2]
        chosen = next((phrase for phrase in phrases if " " in phrase), term)
        if not used.intersection(chosen.split()):
            used.update(chosen.split())
            wanted -= 1
            yield chosen
        if wanted == 0:
            return


def _spokesman(texts: Sequence[str]) -> int:
    """The most central member that is short enough to quote, else the most central one."""
    return next((place for place, text in enumerate(texts) if len(text) in READABLE), 0)
