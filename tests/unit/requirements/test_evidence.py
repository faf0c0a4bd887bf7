"""Quotes stand where they say they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requirements.domain.evidence import QuoteAmbiguous, QuoteNotFound, locate, opening

SAID = "The export fails. Each Monday the export fails, and I lose an hour."


def test_a_quote_is_found_with_its_offsets() -> None:
    quote = locate("I lose an hour", within=SAID)
    assert SAID[quote.start : quote.end] == quote.text == "I lose an hour"


def test_words_that_stand_twice_need_an_offset() -> None:
    with pytest.raises(QuoteAmbiguous):
        locate("export fails", within=SAID)
    assert locate("export fails", within=SAID, start=34).start == 34


@pytest.mark.parametrize(
    ("words", "start"), [("crashes", None), ("export fails", 5), ("The", 1000), (" ", None), ("The", -3)]
)
def test_words_that_are_not_there_are_refused(words: str, start: int | None) -> None:
    with pytest.raises(QuoteNotFound):
        locate(words, within=SAID, start=start)


def test_offsets_count_characters_not_bytes() -> None:
    quote = locate("früh", within="👍🏽 zu früh")
    assert (quote.start, quote.end) == (6, 10)


@given(st.text(min_size=1).filter(str.strip), st.integers(4, 50))
def test_an_opening_is_a_quote_of_its_text(text: str, longest: int) -> None:
    quote = opening(text, longest=longest)
    assert text[quote.start : quote.end] == quote.text
    assert 0 < len(quote.text) <= longest


def test_an_opening_ends_between_words() -> None:
    assert opening("one two three four", longest=12).text == "one two"
