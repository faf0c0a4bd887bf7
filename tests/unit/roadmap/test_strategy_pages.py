"""A strategy as Markdown."""

import re
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.roadmap.exports.strategy_pages import Entry, Section, StrategyPage, Table, strategy_page

words = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=40)


def page(*parts: Section | Table) -> str:
    return strategy_page(StrategyPage(title="Harbour", as_of=date(2027, 1, 5), parts=parts)).decode()


def test_a_page_reads_well() -> None:
    entry = Entry(title="Be paid on time", facts=("importance 9",), text="Without asking.", below=("Chasing",))
    table = Table(heading="Beside the others", columns=("", "We"), rows=(("Reminds", "4"),))
    written = page(Section(heading="Needs", entries=(entry,), left_out=2), Section(heading="None", entries=()), table)
    assert written == (
        "# Harbour\n\nAs of 2027-01-05.\n\n## Needs\n\n### Be paid on time\n\nimportance 9\n\nWithout asking.\n\n"
        "- Chasing\n\n... and 2 more.\n\n## Beside the others\n\n|  | We |\n| --- | --- |\n| Reminds | 4 |\n"
    )


@given(words, words)
def test_what_people_write_changes_no_form(one: str, other: str) -> None:
    """No word opens a heading, a row or a cell of its own."""
    table = Table(heading="h", columns=("a", "b"), rows=((one, other),))
    written = page(table, Section(heading="s", entries=(Entry(title=one, facts=(other,)),)))
    headings = [each for each in written.split("\n") if each.startswith("#")]
    assert len(headings) == 4
    row = written.split("\n")[8]
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 3
