"""Templates: only gaps that are known, values that are never read as templates, and no line about nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requirements.domain.following_up import DEFAULTS, GAPS, FollowUpEvent, Template, compose
from services.requirements.domain.templates import fault_of, fill, fill_line


@pytest.mark.parametrize(
    "template",
    ["{secret}", "{quote.__class__}", "{quote[0]}", "{quote!r}", "{quote:>9}", "{}", "{0}", "{", "}", "{quote"],
)
def test_what_could_reach_further_is_refused(template: str) -> None:
    assert fault_of(template, known=GAPS) is not None


@given(st.text())
def test_no_template_is_taken_that_cannot_be_filled(template: str) -> None:
    if fault_of(template, known=GAPS) is None:
        fill_line(template, dict.fromkeys(GAPS, "x"))


@given(st.text(alphabet="{}quote title\n", max_size=60))
def test_values_stay_what_they_are(value: str) -> None:
    assert fill_line("{title}", {"title": value}) == " ".join(value.split())


def test_a_line_about_nothing_is_left_out() -> None:
    values = {"title": "Exports", "reason": ""}
    assert fill("“{title}”.\n\nThe reason: {reason}\n\n{{done}}", values) == "“Exports”.\n\n{done}\n"


@pytest.mark.parametrize("event", FollowUpEvent)
def test_what_is_brought_along_can_be_filled(event: FollowUpEvent) -> None:
    template = DEFAULTS[event]
    assert fault_of(template.subject, known=GAPS) is fault_of(template.body, known=GAPS) is None


def test_own_words_are_said() -> None:
    own = Template("Re: {title}", "Hello,\n\n{quote}\n\n{verdict}")
    told = compose(FollowUpEvent.SHIPPED, quote="Two\nlines", title="A\nbreak", template=own)
    assert (told.subject, told.body) == ("Re: A break", "Hello,\n\n> Two\n> lines\n")
