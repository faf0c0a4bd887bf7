"""No redacted value in any byte of any export; and what may be seen is there, or the first would prove nothing."""

import base64
import re
import zlib
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.roadmap.domain.lenses import DETAILS, FIRMEST_FIRST, Detail, Lens, Wording, usual_lens
from services.roadmap.domain.news import news_of, told_of
from services.roadmap.domain.periods import blurred
from services.roadmap.domain.plans import Plan
from services.roadmap.domain.redaction import project
from services.roadmap.exports.formats import FORMATS, Options, written
from services.roadmap.exports.letters import letter, subject
from tests.unit.roadmap.plans import TODAY, lenses, marked_feature, plans

# How fast a busy machine makes examples says nothing about them.
MARKS: dict[str, Detail] = {
    "idz": "ids",
    "descriptionz": "description",
    "teamz": "teams",
    "objectivez": "objectives",
    "requirementz": "requirements",
    "effectz": "expected_effects",
    "resultz": "outcomes",
}
NUMBERS: dict[str, Detail] = {"77001": "effort", "66001": "value", "8800010": "cost"}
WHOLE: dict[str, Detail] = {
    "plandescriptionz": "summary",
    "visionz": "vision",
    "goaltitlez": "objectives",
    "resulttitlez": "key_results",
    "reskpiz": "key_results",
    "loadteamz": "capacity",
    "loadskillz": "capacity",
}
EVERYTHING = Lens(name="Team", kind="team", shows=DETAILS, precision="day", commitment="exploring", salt="salt")


def readable(content: bytes) -> str:
    """All text in a file; the streams of a PDF unpacked, its strings freed of what separates them."""
    if content.startswith(b"%PDF"):
        for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
            packed = stream.strip()
            is_text = packed.endswith(b"~>")
            deflated = base64.a85decode(b"<~" + packed, adobe=True) if is_text else stream
            content += zlib.decompressobj().decompress(deflated)
    return content.decode("utf-8", "replace").replace("\r\n ", "").replace("\\", "")


def forbidden(plan: Plan, lens: Lens) -> set[str]:
    """Every text that this audience must not find."""
    hidden = {mark for mark, detail in WHOLE.items() if detail not in lens.shows}
    hidden |= {"loadteamz"} if "capacity" not in lens.shows else set()
    shown = {item.key for item in project(plan, lens).items}
    everybody = replace(lens, commitment="exploring", is_worded_only=False, wordings={})
    all_keys = {item.key for item in project(plan, everybody).items}
    assert shown <= all_keys
    for index, feature in enumerate(plan.features):
        name, wording = f"f{index}", lens.wordings.get(feature.id, Wording())
        is_hidden = feature.status in {"dropped", "retired"} or not _is_told(feature.id, feature.status, lens)
        hidden |= {f"{name}{mark}" for mark, detail in MARKS.items() if is_hidden or detail not in lens.shows}
        if is_hidden or wording.title:
            hidden.add(f"{name}titlez")
        if wording.description:
            hidden.add(f"{name}descriptionz")
        hidden |= {f"{mark}{index + 1}" for mark, detail in NUMBERS.items() if is_hidden or detail not in lens.shows}
    return hidden


def _is_told(feature_id: str, status: str, lens: Lens) -> bool:
    wording = lens.wordings.get(feature_id)
    if wording is None:
        if lens.is_worded_only:
            return False
    elif wording.is_hidden:
        return False
    firm = {"shipped": "committed", "in_progress": "committed", "planned": "planned"}.get(status, "exploring")
    return FIRMEST_FIRST.index(firm) <= FIRMEST_FIRST.index(lens.commitment)


@settings(max_examples=30)
@given(plans(), lenses())
def test_no_redacted_value_is_in_any_byte_of_any_export(plan: Plan, lens: Lens) -> None:
    view, hidden = project(plan, lens), forbidden(plan, lens)
    for name in FORMATS:
        text = readable(written(view, name, Options(width=900)).content)
        assert {value for value in hidden if value in text} == set(), name


@settings(max_examples=100)
@given(plans(), plans(), lenses(), lenses())
def test_no_redacted_value_is_in_any_update(before: Plan, plan: Plan, former: Lens, lens: Lens) -> None:
    """Also not what the audience was told in former times, when it might see more."""
    told = msgspec.json.decode(msgspec.json.encode(told_of(project(before, former))))
    view = project(plan, lens)
    words = letter(view, news_of(told, view)) + subject(view, TODAY)
    assert {value for value in forbidden(plan, lens) if value in words} == set()


@settings(max_examples=50)
@given(plans(), lenses())
def test_who_was_told_all_has_no_news(plan: Plan, lens: Lens) -> None:
    view = project(plan, lens)
    assert news_of(told_of(view), view).is_empty
    assert news_of({}, view).gone == 0
    assert {item.key for item in news_of({}, view).added} | {item.key for item in news_of({}, view).shipped} == {
        item.key for item in view.items
    }


@settings(max_examples=20)
@given(plans(), st.sampled_from(["month", "quarter", "later"]), st.data())
def test_a_blurred_day_cannot_be_had_back(plan: Plan, precision: str, data: st.DataObject) -> None:
    """Moving a day within its period changes no byte of anything."""
    lens = replace(EVERYTHING, precision=precision, shows=DETAILS - {"capacity"})  # type: ignore[arg-type]

    def moved(day: date | None) -> date | None:
        # Whether it lies ahead decides the column of what nobody placed: keep to the days after or before today.
        period = blurred(day, precision)  # type: ignore[arg-type]
        if day is None or period is None:
            return day
        first = max(period.first, TODAY + timedelta(days=1)) if day > TODAY else period.first
        last = period.last if day > TODAY else min(period.last, TODAY)
        return data.draw(st.dates(first, last)) if first <= last else day

    features = tuple(
        replace(each, horizon=each.horizon or "next", starts_on=moved(each.starts_on), done_by=moved(each.done_by))
        for each in plan.features
    )
    placed = tuple(replace(each, horizon=each.horizon or "next") for each in plan.features)
    one, other = (project(replace(plan, features=each), lens) for each in (placed, features))
    assert one == other
    assert all(written(one, name).content == written(other, name).content for name in FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_what_may_be_seen_is_there(name: str) -> None:
    shipped = marked_feature("f0", status="shipped", shipped_on=TODAY - timedelta(days=30))
    ahead = marked_feature("f1", starts_on=TODAY, ends_on=TODAY + timedelta(days=40))
    view = project(Plan(title="Roadmap", today=TODAY, features=(shipped, ahead)), EVERYTHING)
    text = readable(written(view, name).content)
    if name != "capacity_svg":
        assert "f0titlez" in text
    if name not in {"capacity_svg", "release_notes", "atom"}:
        assert "f1titlez" in text
    if name in {"json", "csv"}:
        assert all(f"f1{mark}" in text for mark in MARKS)


def test_the_page_keeps_its_own_policy() -> None:
    """It says which style is its own, and brings no script and no style in an attribute."""
    shipped = marked_feature("f0", status="shipped", shipped_on=TODAY - timedelta(days=30), title="<script>alert(1)")
    ahead = marked_feature("f1", starts_on=TODAY, ends_on=TODAY + timedelta(days=40), needs=("f0idz",))
    file = written(project(Plan(title="A & B", today=TODAY, features=(shipped, ahead)), EVERYTHING), "html")
    page = file.content.decode()
    (style,) = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in str(file.policy)
    assert re.findall(r"<script|\sstyle=|\son\w+=|https?://(?!www\.w3\.org/2000/svg)", page) == []
    assert "&lt;script&gt;alert(1)" in page


@settings(max_examples=50)
@given(plans(), lenses())
def test_dependencies_name_only_what_is_shown(plan: Plan, lens: Lens) -> None:
    view = project(plan, lens)
    keys = {item.key for item in view.items}
    assert all(set(item.needs) <= keys for item in view.items)


def test_what_lies_far_ahead_has_no_date_for_customers() -> None:
    near = marked_feature("f0", starts_on=TODAY, ends_on=TODAY + timedelta(days=60))
    far = marked_feature("f1", starts_on=TODAY + timedelta(days=300), ends_on=TODAY + timedelta(days=330))
    idea = marked_feature("f2", status="proposed")
    view = project(Plan(title="Roadmap", today=TODAY, features=(near, far, idea)), usual_lens("customer"))
    assert [(item.title, item.when, item.column) for item in view.items] == [
        ("f0titlez", "Q1 2027 to Q2 2027", "now"),
        ("f1titlez", "", "later"),
    ]


def test_two_audiences_cannot_compare_their_keys() -> None:
    plan = Plan(title="Roadmap", today=TODAY, features=(marked_feature("f0"),))
    one, other = (project(plan, replace(usual_lens("customer"), salt=salt)).items[0].key for salt in ("a", "b"))
    assert one != other
