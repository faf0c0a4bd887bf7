"""E-mails as feedback takes them."""

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requirements.domain.messages import MessageRefused, own_words, read_message, thread_subject


def raw(body: str = "It fails.", **headers: str) -> bytes:
    known = {"From": "Ada <ADA@Example.com>", "Message-ID": "<1@a.example>", "Subject": "Exports"} | headers
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in known.items() if value]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def test_who_when_and_what() -> None:
    message = read_message(raw(Date="Mon, 26 Jan 2026 09:12:00 +0100"))
    assert (message.sender, message.sender_name, message.text) == ("ada@example.com", "Ada", "It fails.")
    assert message.sent_at == datetime(2026, 1, 26, 8, 12, tzinfo=UTC)
    assert (message.message_id, list(message.references)) == ("1@a.example", [])


def test_a_reply_names_what_it_answers() -> None:
    message = read_message(raw(References="<root@a.example>\r\n <2@a.example>", In_Reply_To="<2@a.example>"))
    assert list(message.references) == ["root@a.example", "2@a.example"]
    assert list(read_message(raw(In_Reply_To="<2@a.example>")).references) == ["2@a.example"]


def test_quotes_and_signatures_are_left_out() -> None:
    text = "Still so.\r\n\r\nOn Mon, 26 Jan 2026, Grace wrote:\r\n> We look\r\n>> Old\r\n\r\n-- \r\nAda, Example Ltd"
    assert read_message(raw(text)).text == "Still so."
    assert own_words("> only a quote") == "> only a quote"
    assert own_words("Above\n-----Original Message-----\nFrom: x") == "Above"


def test_encodings_parts_and_names() -> None:
    body = (
        "--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>HTML</p>\r\n"
        "--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        "St=FCrzt ab\r\n"
        "--b\r\nContent-Type: image/png; name=shot.png\r\nContent-Disposition: attachment; filename=shot.png\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n"
    )
    message = read_message(raw(body, Content_Type="multipart/mixed; boundary=b", Subject="=?utf-8?q?Gr=C3=BC=C3=9Fe?="))
    assert (message.subject, list(message.attachments)) == ("Grüße", ["shot.png"])
    assert message.text == "Stürzt ab"
    html = read_message(raw("<p>One</p><p>Two</p>", Content_Type="text/html; charset=unknown-8bit"))
    assert html.text == "One\nTwo"


@pytest.mark.parametrize(
    ("headers", "header"),
    [({"Message_ID": "", "Message-ID": ""}, "message-id"), ({"From": "nobody"}, "from"), ({"Subject": ""}, "subject")],
)
def test_what_is_missing_is_named(headers: dict[str, str], header: str) -> None:
    with pytest.raises(MessageRefused) as refused:
        read_message(raw("", **headers))
    assert refused.value.header == header


@pytest.mark.parametrize("headers", [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}])
def test_machines_are_known(headers: dict[str, str]) -> None:
    assert read_message(raw(**headers)).is_automatic
    assert not read_message(raw(Auto_Submitted="no")).is_automatic


def test_the_subject_of_a_thread_has_no_marks() -> None:
    assert thread_subject("Re: AW: Fwd: Exports") == "Exports"
    assert thread_subject("Re:") == "Re:"


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(noise: bytes) -> None:
    for content in (noise, raw() + noise, b"From: a@b.example\r\nMessage-ID: <1@x>\r\n" + noise):
        with contextlib.suppress(MessageRefused):
            assert read_message(content).message_id
