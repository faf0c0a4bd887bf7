"""Marks become offsets, whatever stands between them."""

from hypothesis import given
from hypothesis import strategies as st

from services.requirements.domain.highlighting import START, STOP, Span, excerpt, spans

words = st.text(st.characters(exclude_characters=START + STOP, exclude_categories=["Cs"]), max_size=30)


@given(st.lists(st.tuples(words, words), max_size=6), words)
def test_spans_are_where_the_words_stand(pairs: list[tuple[str, str]], tail: str) -> None:
    marked = "".join(f"{before}{START}{word}{STOP}" for before, word in pairs) + tail
    plain = marked.replace(START, "").replace(STOP, "")
    assert [plain[each.start : each.end] for each in spans(marked)] == [word for _, word in pairs]


@given(st.text(min_size=1, max_size=2_000), st.data())
def test_an_excerpt_shows_the_first_highlight(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    place = Span(start, min(len(text), start + 5))
    shown = excerpt(text, [place])
    assert 0 <= shown.start <= place.start < max(shown.end, place.start + 1) <= len(text)
    assert shown.end - shown.start <= 240
