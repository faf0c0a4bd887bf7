"""Who is told, and in which words."""

import pytest

from services.requirements.domain.following_up import (
    VERDICTS,
    Channel,
    FollowUpEvent,
    Recipient,
    compose,
    suppression,
    wait_s,
)

AGREED = frozenset({"follow_up"})


@pytest.mark.parametrize(
    ("recipient", "channel", "reason"),
    [
        (Recipient("a@example.com", AGREED, is_unsubscribed=False), Channel.EMAIL, None),
        (Recipient("a@example.com", AGREED, is_unsubscribed=True), Channel.EMAIL, "unsubscribed"),
        (Recipient("a@example.com", frozenset({"quote"}), is_unsubscribed=False), Channel.EMAIL, "no_consent"),
        (Recipient(None, AGREED, is_unsubscribed=False), Channel.EMAIL, "no_address"),
        (Recipient(None, AGREED, is_unsubscribed=False), Channel.EVENT, None),
        (Recipient(None, AGREED, is_unsubscribed=True), Channel.EVENT, "unsubscribed"),
    ],
)
def test_only_who_agreed_and_stayed_is_told(recipient: Recipient, channel: Channel, reason: str | None) -> None:
    assert suppression(recipient, channel=channel) == reason


@pytest.mark.parametrize("verdict", VERDICTS)
def test_every_verdict_is_told_in_plain_words_with_the_readers_own(verdict: str) -> None:
    message = compose(FollowUpEvent.MEASURED, quote="I lose\nan hour", title="Exports", verdict=verdict)
    assert "> I lose\n> an hour" in message.body
    assert VERDICTS[verdict] in message.body


def test_a_refusal_says_why() -> None:
    assert (
        "Solved by the importer"
        in compose(FollowUpEvent.DECLINED, quote="x", title="y", reason="Solved by the importer").body
    )


def test_waiting_doubles() -> None:
    assert [wait_s(attempts) for attempts in (1, 2, 3)] == [30, 60, 120]
