"""What an e-mail says: who, when, in which thread, and the words without the quoted rest (RFC 5322, RFC 2045)."""

import email
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses, parsedate_to_datetime

from services.requirements.domain.exports import text_of_html

LONGEST_TEXT = 100_000
LONGEST_SUBJECT = 200
MOST_REFERENCES = 50
MESSAGE_ID = re.compile(r"<([^<>\s]{1,250})>")
REPLY_PREFIX = re.compile(r"^\s*(?:(?:re|fwd?|aw|wg|sv|vs|antw|tr)\s*(?:\[\d+\])?:\s*)+", re.IGNORECASE)
QUOTED = re.compile(r"^\s*>")
ATTRIBUTION = re.compile(
    r"^(?:on\b.{0,200}\bwrote:|am\b.{0,200}\bschrieb.{0,100}:|le\b.{0,200}\ba écrit\s?:)\s*$", re.IGNORECASE
)
CUT = re.compile(r"^(?:-{2,}\s*original message\s*-{2,}|_{10,})\s*$", re.IGNORECASE)
SIGNATURE = "-- "


class MessageRefused(Exception):
    """This is no e-mail that anybody can have written; `header` is what is missing or wrong."""

    def __init__(self, detail: str, header: str) -> None:
        super().__init__(detail)
        self.header = header


@dataclass(frozen=True)
class Message:
    """An e-mail as feedback takes it."""

    message_id: str
    references: Sequence[str]
    sender: str
    sender_name: str | None
    subject: str | None
    sent_at: datetime | None
    text: str
    is_automatic: bool
    attachments: Sequence[str]


def read_message(raw: bytes) -> Message:
    """Raises MessageRefused without a Message-ID or a sender, or when it has no words."""
    parsed = email.message_from_bytes(raw, policy=default)
    references = _ids(parsed, "References") or _ids(parsed, "In-Reply-To")
    named = _ids(parsed, "Message-ID")
    if not named:
        raise MessageRefused("A message needs a Message-ID, so that the same one is taken once.", "message-id")
    sender_name, sender = _sender(parsed)
    text = own_words(_text(parsed)).strip()
    subject = _header(parsed, "Subject")
    if not text and not subject:
        raise MessageRefused("The message says nothing.", "subject")
    return Message(
        message_id=named[0],
        references=references[-MOST_REFERENCES:],
        sender=sender,
        sender_name=sender_name,
        subject=subject[:LONGEST_SUBJECT] if subject else None,
        sent_at=_date(parsed),
        text=(text or subject or "")[:LONGEST_TEXT],
        is_automatic=_is_automatic(parsed),
        attachments=[name for part in _attachments(parsed) if (name := part.get_filename())][:20],
    )


def own_words(text: str) -> str:
    """The text without what it quotes and without the signature; all of it where nothing else would be left."""
    kept: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if line == SIGNATURE or CUT.match(line):
            break
        if QUOTED.match(line):
            continue
        kept.append(line.rstrip())
    while kept and (not kept[-1] or ATTRIBUTION.match(kept[-1])):
        kept.pop()
    own = "\n".join(line for line in kept if not ATTRIBUTION.match(line)).strip()
    return own or text.strip()


def thread_subject(subject: str) -> str:
    """The subject without the marks of replies."""
    return REPLY_PREFIX.sub("", subject).strip() or subject


def _ids(parsed: EmailMessage, name: str) -> list[str]:
    """Without repetitions, in the order in which they stand."""
    return list(dict.fromkeys(MESSAGE_ID.findall(_header(parsed, name) or "")))


def _header(parsed: EmailMessage, name: str) -> str | None:
    """Decoded; a header that the parser chokes on counts as missing."""
    try:
        value = parsed.get(name)
    except (ValueError, IndexError, TypeError, AttributeError, LookupError):
        return None
    text = "" if value is None else _clean(str(value)).strip()
    return text or None


def _sender(parsed: EmailMessage) -> tuple[str | None, str]:
    for name in ("From", "Sender", "Reply-To"):
        for display, address in getaddresses([_header(parsed, name) or ""]):
            if re.fullmatch(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+", address) and len(address) <= 254:
                return (display.strip()[:LONGEST_SUBJECT] or None), address.lower()
    raise MessageRefused("A message needs a From with an address.", "from")


def _date(parsed: EmailMessage) -> datetime | None:
    try:
        moment = parsedate_to_datetime(_header(parsed, "Date") or "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _text(parsed: EmailMessage) -> str:
    """The plain part, or the HTML one as text."""
    body = parsed.get_body(preferencelist=("plain", "html"))
    if body is None:
        return ""
    raw = body.get_payload(decode=True)
    content = raw if isinstance(raw, bytes) else b""
    text = _clean(_decoded(content, body.get_content_charset() or "utf-8"))
    return text_of_html(text) if body.get_content_subtype() == "html" else text


def _decoded(content: bytes, charset: str) -> str:
    try:
        return content.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return content.decode("utf-8", "replace")


def _clean(text: str) -> str:
    """Without what no consumer can carry: NUL, and halves of characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _attachments(parsed: EmailMessage) -> list[EmailMessage]:
    try:
        return [part for part in parsed.iter_attachments() if isinstance(part, EmailMessage)]
    except (AttributeError, KeyError):
        return []


def _is_automatic(parsed: EmailMessage) -> bool:
    """Whether a machine has written it (RFC 3834): an absence note is no feedback."""
    submitted = (_header(parsed, "Auto-Submitted") or "no").lower()
    precedence = (_header(parsed, "Precedence") or "").lower()
    return not submitted.startswith("no") or precedence in {"bulk", "junk", "auto_reply"}
