"""When labels are left out, and which texts are the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requirements.domain.labels import digest, label
from services.requirements.language.sentences import BUGS, PRAISE, QUESTIONS, REQUESTS, SPAM, lines

EVEN = {"bug": 0.25, "praise": 0.25, "question": 0.25, "request": 0.25}


def test_what_is_not_sure_is_left_out_with_its_probability() -> None:
    made = label("Hm", language=("en", 0.3), kinds=EVEN, sentiments={"negative": 0.34, "positive": 0.33}, spam=0.1)
    assert (made.language, made.kind, made.sentiment) == (None, None, None)
    assert (made.language_probability, made.kind_probability) == (0.3, 0.25)
    sure = label("12", language=("en", 0.99), kinds={**EVEN, "bug": 0.9}, sentiments={"negative": 0.9}, spam=0)
    assert (sure.language, sure.kind, sure.sentiment) == (None, "bug", "negative")


@given(st.text(st.sampled_from("abcdeß ÄÖ"), min_size=1).filter(str.strip))
def test_case_and_spacing_make_no_other_text(text: str) -> None:
    assert digest(text) == digest(f"  {text.replace(' ', '   ')}!")
    if text.isascii():
        assert digest(text) == digest(text.upper())


def test_texts_of_signs_alone_are_not_all_the_same() -> None:
    assert digest("???") != digest("!!!")


@pytest.mark.parametrize("block", [BUGS, PRAISE, QUESTIONS, REQUESTS, SPAM])
def test_no_sentence_is_learned_twice(block: str) -> None:
    assert len(set(lines(block))) == len(lines(block)) > 20
