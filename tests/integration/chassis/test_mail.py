"""Mail by a real SMTP server."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from services.chassis.clock import FixedClock
from services.chassis.mail import Mail, Mailer, MailRefused, MailUnavailable
from services.chassis.settings import ServiceSettings
from tests.smtp import Inbox

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


def mailer(**settings) -> Mailer:
    urls = dict.fromkeys(("database_url", "migration_url", "direct_url"), NOWHERE)
    return Mailer(ServiceSettings(**urls, **settings), FixedClock(NOW))


def mail(**differing) -> Mail:
    return Mail(**{"id": uuid4(), "to": "ana@example.com", "subject": "Exports arrive", "text": "Grüße"} | differing)


async def test_a_mail_arrives_as_it_was_written(inbox: Inbox) -> None:
    sent = mail(html="<p>Grüße</p>", headers={"List-Unsubscribe": "<https://example.com/u>"}, in_reply_to="<a@b>")
    await mailer(**inbox.settings).send(sent)
    (got,) = inbox.messages
    assert (got["To"], got["Subject"]) == ("ana@example.com", "Exports arrive")
    assert got["From"] == "Fullcircle <po@example.com>"
    assert got["Message-ID"] == f"<{sent.id}@example.com>"
    assert got["List-Unsubscribe"] == "<https://example.com/u>"
    assert (got["In-Reply-To"], got["Date"]) == ("<a@b>", "Mon, 01 Jun 2026 12:00:00 +0000")
    assert got.get_body(("plain",)).get_content().strip() == "Grüße"
    assert got.get_body(("html",)).get_content().strip() == "<p>Grüße</p>"


async def test_no_header_comes_in_by_the_subject(inbox: Inbox) -> None:
    await mailer(**inbox.settings).send(mail(subject="Hello\r\nBcc: eve@example.com"))
    (got,) = inbox.messages
    assert got["Subject"] == "Hello Bcc: eve@example.com"
    assert got["Bcc"] is None


@pytest.mark.parametrize("header", ["a\r\nBcc: eve@example.com", "a\nb"])
async def test_no_header_comes_in_by_another_header(inbox: Inbox, header: str) -> None:
    with pytest.raises(MailRefused):
        await mailer(**inbox.settings).send(mail(headers={"List-Unsubscribe": header}))
    assert inbox.messages == []


@pytest.mark.parametrize("address", ["nobody", "a@b\r\nBcc: eve@example.com", ""])
async def test_what_is_no_address_is_refused(inbox: Inbox, address: str) -> None:
    with pytest.raises(MailRefused):
        await mailer(**inbox.settings).send(mail(to=address))
    assert inbox.messages == []


@pytest.mark.parametrize(("reply", "expected"), [("550 no such user", MailRefused), ("450 later", MailUnavailable)])
async def test_a_refusal_for_good_is_told_from_one_for_now(inbox: Inbox, reply: str, expected: type[Exception]) -> None:
    inbox.refused["ana@example.com"] = reply
    with pytest.raises(expected):
        await mailer(**inbox.settings).send(mail())


async def test_without_a_server_nothing_is_sent(inbox: Inbox) -> None:
    assert not mailer().is_configured
    with pytest.raises(MailUnavailable):
        await mailer().send(mail())
    with pytest.raises(MailUnavailable):
        await mailer(**inbox.settings | {"smtp_port": 1}).send(mail())
