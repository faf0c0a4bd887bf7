"""Exports of other tools, read record by record."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.requirements.domain.exports import (
    TOOLS,
    column_key,
    derived_id,
    read_github,
    read_intercom,
    read_table_row,
    text_of_html,
)
from services.requirements.imports.files import LONGEST_RECORD, Unreadable, UnreadableFile, read_records


def kept(path: Path, content: bytes, *, is_table: bool) -> list[Any]:
    path.write_bytes(content)
    return list(read_records(path, is_table=is_table))


class TestTables:
    def test_quotes_lines_and_marks(self, tmp_path: Path) -> None:
        content = '\ufeffA;"B b"\r\n1;"two ""words""\nin two lines"\r\n\r\n;3\r\n1;2;3\r\n'.encode()
        found = kept(tmp_path / "a.csv", content, is_table=True)
        assert found[:2] == [{"A": "1", "B b": 'two "words"\nin two lines'}, {"A": "", "B b": "3"}]
        assert isinstance(found[2], Unreadable)

    def test_play_console_writes_utf_16(self, tmp_path: Path) -> None:
        content = "Star Rating,Review Text\n1,Stürzt ab\n".encode("utf-16")
        assert kept(tmp_path / "a.csv", content, is_table=True) == [{"Star Rating": "1", "Review Text": "Stürzt ab"}]

    @pytest.mark.parametrize("content", [b"", b"\n\n", b"a,b\n\xff\xfe,1\n", b"a" * (LONGEST_RECORD + 1)])
    def test_what_is_no_table_says_so(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises(UnreadableFile):
            kept(tmp_path / "a.csv", content, is_table=True)

    def test_a_cell_too_long_fails_alone(self, tmp_path: Path) -> None:
        content = b"a\n" + b"x" * 200_000 + b"\n1\n"
        first, second = kept(tmp_path / "a.csv", content, is_table=True)
        assert (isinstance(first, Unreadable), second) == (True, {"a": "1"})


class TestJson:
    @pytest.mark.parametrize(
        "content",
        [
            '[{"a": 1}, {"a": [2, {"b": "]"}]}]',
            '{"type": "conversation.list", "total": 2, "conversations": [{"a": 1}, {"a": [2, {"b": "]"}]}]}',
            '{"a": 1}\n{"a": [2, {"b": "]"}]}\n',
        ],
    )
    def test_arrays_envelopes_and_lines(self, tmp_path: Path, content: str) -> None:
        found = kept(tmp_path / "a.json", content.encode(), is_table=False)
        assert found == [{"a": 1}, {"a": [2, {"b": "]"}]}]

    @settings(suppress_health_check=list(HealthCheck), max_examples=40)
    @given(
        st.lists(st.dictionaries(st.text(max_size=3), st.text(max_size=40) | st.integers(), max_size=4), max_size=30)
    )
    def test_any_array_comes_through(self, tmp_path: Path, records: Sequence[dict[str, Any]]) -> None:
        content = json.dumps(list(records), indent=2).encode()
        assert kept(tmp_path / "a.json", content, is_table=False) == list(records)

    def test_elements_longer_than_a_piece(self, tmp_path: Path) -> None:
        records = [{"body": "x" * 150_000, "n": n} for n in range(4)]
        assert kept(tmp_path / "a.json", json.dumps(records).encode(), is_table=False) == records

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"3",
            b'[{"a": 1} {"a": 2}]',
            b'[{"a": 1}, ',
            b"[" * 5_000,
            b'[{"a": "' + b"x" * (LONGEST_RECORD + 200_000),
        ],
    )
    def test_what_is_no_array_says_so(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises(UnreadableFile):
            kept(tmp_path / "a.json", content, is_table=False)


def test_a_row_of_fider() -> None:
    row = {
        "number": "10", "title": "Go is fast", "description": "", "created_at": "2018-03-23T19:33:22Z",
        "created_by": "Faceless", "total_votes": "4", "status": "Declined", "tags": "easy, ignored",
    }  # fmt: skip
    assert read_table_row(row, TOOLS["fider"], {}) == {
        "channel": "community",
        "title": "Go is fast",
        "text": "Go is fast",
        "external_id": "10",
        "occurred_at": "2018-03-23T19:33:22+00:00",
        "metadata": {"author": "Faceless", "status": "Declined", "votes": "4", "tags": "easy, ignored"},
    }


def test_a_review_of_the_play_console() -> None:
    row = {
        "App Version Name": "55.0.2", "Reviewer Language": "pt", "Device": "j1x3g", "Star Rating": "2",
        "Review Submit Date and Time": "2016-06-08T19:04:33Z", "Review Title": "", "Review Text": "Trava",
        "Review Link": "https://play.google.com/console/reviews/1",
    }  # fmt: skip
    found = read_table_row(row, TOOLS["app_reviews"], {})
    assert found is not None
    assert (found["rating"], found["channel"], found["text"]) == ({"value": 2, "best": 5}, "app_review", "Trava")
    assert found["external_id"] == found["source_url"] == row["Review Link"]


def test_a_mapping_goes_before_the_usual_names() -> None:
    row = {"Details": "usual", "Real text": "mine", "Seats": "12", "Author name": "Ada"}
    found = read_table_row(row, TOOLS["canny"], {"text": "Real text", "custom_fields.seats": "Seats"})
    assert found == {
        "channel": "community",
        "text": "mine",
        "custom_fields": {"seats": "12"},
        "metadata": {"contact": "Ada"},
    }
    assert read_table_row({"Details": " "}, TOOLS["canny"], {}) is None


def test_an_issue_of_github() -> None:
    issue = {
        "number": 7, "title": "Crash", "body": None, "user": {"login": "ada"}, "labels": [{"name": "bug"}],
        "html_url": "https://github.com/o/r/issues/7", "created_at": "2026-01-26T08:12:00Z", "state": "open",
    }  # fmt: skip
    found = read_github(issue)
    assert found is not None
    assert (found["text"], found["contact"]) == ("Crash", {"external_id": "ada", "name": "ada"})
    assert (found["external_id"], found["metadata"]) == (issue["html_url"], {"state": "open", "labels": "bug"})
    assert read_github(issue | {"pull_request": {"url": "x"}}) is None


def test_a_conversation_of_intercom() -> None:
    conversation = {
        "id": "504", "created_at": 1774370019, "state": "closed",
        "source": {"subject": "<p>Bug</p>", "body": "<p>It <b>fails</b>&nbsp;on</p><p>Mondays</p>",
                   "author": {"type": "lead", "id": "u1", "email": "ada@example.com", "name": "Ada"}},
        "conversation_parts": {"conversation_parts": [
            {"body": "<p>We look</p>", "author": {"type": "admin", "id": "a1"}},
            {"body": "<p>Still so</p>", "author": {"type": "user", "id": "u1"}},
        ]},
    }  # fmt: skip
    found = read_intercom(conversation)
    assert found is not None
    assert found["text"] == "It fails on\nMondays\n\nStill so"
    assert (found["occurred_at"], found["title"]) == ("2026-03-24T16:33:39+00:00", "Bug")
    assert found["contact"] == {"external_id": "u1", "email": "ada@example.com", "name": "Ada"}
    assert read_intercom({"source": {"body": "x", "author": {"type": "admin"}}}) is None


def test_columns_are_one_however_they_are_written() -> None:
    assert {column_key(each) for each in ("Review Text", "review_text", "reviewText", " REVIEW-TEXT ")} == {
        "review_text"
    }


def test_an_id_is_made_of_what_is_said() -> None:
    one = derived_id({"text": "a", "title": "b"}, before=0)
    assert one == derived_id({"title": "b", "text": "a"}, before=0)
    assert len({one, derived_id({"text": "b"}, before=0), derived_id({"text": "a", "title": "b"}, before=1)}) == 3
    assert derived_id({"text": "\ud800"}, before=0)


def test_scripts_say_nothing() -> None:
    assert text_of_html("<style>p {}</style><p>a &amp; b<br>c<script>alert(1)</script></p>") == "a & b\nc"
