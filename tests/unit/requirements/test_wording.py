"""What is learned from words: our own arithmetic beside the library's, and what is kept beside a fresh fit."""

import json
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.requirements.language.labelling import KINDS, WEIGHTS, examples
from services.requirements.language.sentences import COMPLAINTS, SPAM, STATEMENTS, lines
from services.requirements.language.training import by_wording, fit_wording
from services.requirements.language.wording import Wording

KEPT = json.loads(WEIGHTS.read_text("utf-8"))["wording"]
CLOSE = 1e-3


@cache
def fitted() -> tuple[Any, Any]:
    return by_wording()


@cache
def wording() -> Wording:
    return Wording([sentence for _, sentence in examples()], shares=KEPT["shares"], intercepts=KEPT["intercepts"])


def by_the_library(texts: list[str]) -> Any:
    vectorizer, model = fitted()
    return model.predict_proba(vectorizer.transform(texts))


def test_unknown_sentences_get_the_library_s_probabilities() -> None:
    texts = [*lines(COMPLAINTS), *lines(STATEMENTS), *lines(SPAM)]
    expected = by_the_library(texts)
    assert np.abs(wording().chances(texts) - expected).max() < CLOSE
    assert len(set(expected.argmax(axis=1))) == len(KINDS), "they are of every kind"


@given(st.text(max_size=60))
@example("")
@example("a")
@example("Please   add\ta dark mode, PLEASE add a dark mode!")
@example("Ünïcode İstanbul ß 漢字 don't")
def test_any_text_gets_the_library_s_probabilities(text: str) -> None:
    assert np.abs(wording().chances([text]) - by_the_library([text])).max() < CLOSE


def test_what_is_kept_is_what_a_fresh_fit_gives() -> None:
    """When it is not: `python -m services.requirements.language.training`."""
    fresh = fit_wording()
    assert KEPT["classes"] == fresh["classes"]
    assert np.asarray(KEPT["shares"]) == pytest.approx(np.asarray(fresh["shares"]), abs=CLOSE)
    assert KEPT["intercepts"] == pytest.approx(fresh["intercepts"], abs=CLOSE)


def test_a_weight_that_is_not_ours_is_noticed() -> None:
    shares = np.asarray(KEPT["shares"])
    other = Wording([sentence for _, sentence in examples()], shares=-shares, intercepts=KEPT["intercepts"])
    texts = lines(COMPLAINTS)
    assert np.abs(other.chances(texts) - by_the_library(texts)).max() > 0.1
