"""What kind of text it is by its words alone: TF-IDF of words and characters, into a logistic regression.

scikit-learn made the weights (`training.py`) and takes two seconds and 130 MB to be there at all; here is what it does
with them, and a test holds both side by side. What is kept is not a weight for each of some ten thousand terms but a
share for each sentence that was learned from: the solution lies in the span of what it was fitted on.

Source: Joachims, Text categorization with support vector machines, 1998, for words weighed by TF-IDF; Schölkopf,
Herbrich and Smola, A generalized representer theorem, 2001, for the shares.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from math import log, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

WORD = re.compile(r"\b\w\w+\b")
SPACES = re.compile(r"\s\s+")
SHORTEST, LONGEST = 2, 5
"""Of what is cut from words with a space before and after."""

Chances = NDArray[np.float64]
Vector = tuple[list[int], list[float]]
"""The places that are not zero, and what stands there."""


def words_and_pairs(text: str) -> Iterator[str]:
    """The words of two characters and more, and each two neighbours."""
    words = WORD.findall(text)
    yield from words
    yield from map(" ".join, pairwise(words))


def characters(text: str) -> Iterator[str]:
    """Each run of characters within a word; a word shorter than the run is one."""
    for word in SPACES.sub(" ", text).split():
        padded = f" {word} "
        for length in range(SHORTEST, LONGEST + 1):
            yield padded[:length]
            if length >= len(padded):
                break
            for start in range(1, len(padded) - length + 1):
                yield padded[start : start + length]


class Terms:
    """One way to cut texts into terms, and how seldom each of them is among the sentences learned from."""

    def __init__(self, cut: Callable[[str], Iterator[str]], sentences: Sequence[str], *, first: int) -> None:
        """`first` is the place of the first term among all terms."""
        self._cut = cut
        spread = Counter(term for sentence in sentences for term in set(cut(sentence.lower())))
        self._places = {term: first + number for number, term in enumerate(spread)}
        self._rarity = {term: log((1 + len(sentences)) / (1 + count)) + 1 for term, count in spread.items()}
        self.end = first + len(spread)

    def vector(self, text: str) -> Vector:
        """Of length one, of the terms that are known; the logarithm of a term's count weighs it."""
        counts = Counter(term for term in self._cut(text.lower()) if term in self._places)
        values = [(log(count) + 1) * self._rarity[term] for term, count in counts.items()]
        length = sqrt(sum(value * value for value in values)) or 1.0
        return [self._places[term] for term in counts], [value / length for value in values]


class Wording:
    """A model that was fitted to these sentences: `shares` of shape (sentences, classes), `intercepts` (classes,)."""

    def __init__(self, sentences: Sequence[str], *, shares: ArrayLike, intercepts: ArrayLike) -> None:
        words = Terms(words_and_pairs, sentences, first=0)
        self._terms = (words, Terms(characters, sentences, first=words.end))
        self._intercepts = np.asarray(intercepts, dtype=np.float64)
        self._weights = np.zeros((self._terms[-1].end, len(self._intercepts)))
        for sentence, share in zip(sentences, np.asarray(shares, dtype=np.float64), strict=True):
            for places, values in self._vectors(sentence):
                self._weights[places] += np.outer(values, share)

    def chances(self, texts: Sequence[str]) -> Chances:
        """The probability of each class, shape (texts, classes)."""
        scores = np.tile(self._intercepts, (len(texts), 1))
        for row, text in enumerate(texts):
            for places, values in self._vectors(text):
                scores[row] += np.asarray(values) @ self._weights[places]
        return softmax(scores)

    def _vectors(self, text: str) -> list[Vector]:
        return [terms.vector(text) for terms in self._terms]


def softmax(scores: Chances) -> Chances:
    """Each row as probabilities."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances: Chances = powers / powers.sum(axis=1, keepdims=True)
    return chances
