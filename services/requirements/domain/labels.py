"""What is said of a text, and when it is better to say nothing."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

SURE_OF_LANGUAGE, SURE_OF_KIND, SURE_OF_SENTIMENT = 0.5, 0.45, 0.4
"""Below these the label is left out: a wrong one costs more than none."""
IS_SPAM = 0.97
"""From here on it waits for a person: one real complaint lost is worse than ten pieces of spam seen."""

VERSIONS: Mapping[str, str] = {
    "language": "py3langid-0.4",
    "kind": "words-and-meaning-1",
    "sentiment": "meaning-1",
    "spam": "meaning-2",
}


@dataclass(frozen=True)
class Labels:
    """A label is None where the models are not sure; its probability is that of the likeliest all the same."""

    language: str | None
    language_probability: float
    kind: str | None
    kind_probability: float
    sentiment: str | None
    sentiment_probability: float
    spam_probability: float


def label(
    text: str,
    *,
    language: tuple[str, float],
    kinds: Mapping[str, float],
    sentiments: Mapping[str, float],
    spam: float,
) -> Labels:
    """The likeliest of each, unless it is not likely enough; a text without a letter has no language."""
    code, chance = language
    if not any(character.isalpha() for character in text):
        chance = 0.0
    kind, sentiment = max(kinds, key=kinds.__getitem__), max(sentiments, key=sentiments.__getitem__)
    return Labels(
        language=code if chance >= SURE_OF_LANGUAGE else None,
        language_probability=float(chance),
        kind=kind if kinds[kind] >= SURE_OF_KIND else None,
        kind_probability=kinds[kind],
        sentiment=sentiment if sentiments[sentiment] >= SURE_OF_SENTIMENT else None,
        sentiment_probability=sentiments[sentiment],
        spam_probability=spam,
    )


def digest(text: str) -> str:
    """The same for texts that differ in case, spacing and punctuation only; a text of nothing else is itself."""
    plain = re.sub(r"[\W_]+", " ", text.casefold()).strip() or text
    return hashlib.sha256(plain.encode()).hexdigest()
