"""Mail to people, by the SMTP server that the settings name (RFC 5321, 5322)."""

from dataclasses import dataclass, field
from datetime import timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, Literal
from uuid import UUID

import structlog

from services.chassis.clock import Clock
from services.chassis.settings import ServiceSettings

TIMEOUT_S = 20.0
PERMANENT = 500
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)

Delivery = Literal["pending", "delivered", "refused"]
"""What became of something that is told by mail: still to be sent, taken over by the server, or refused for good."""

log = structlog.get_logger(__name__)


class MailRefused(Exception):
    """The server will not take this message, however often it is sent: the address or the message is wrong."""


class MailUnavailable(Exception):
    """The server cannot take it now, or there is none: to be tried again later."""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One message to one person; `id` makes its Message-ID, so that sent twice it is still one message.

    `headers` are for what a kind of mail needs beside, for example `List-Unsubscribe` (RFC 2369, 8058).
    """

    id: UUID
    to: str
    subject: str
    text: str
    html: str | None = None
    in_reply_to: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Mailer:
    """Sends mail, one connection per message; `is_configured` says whether there is a server at all."""

    def __init__(self, settings: ServiceSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    @property
    def is_configured(self) -> bool:
        return bool(self._settings.smtp_host)

    def message_id(self, mail_id: UUID) -> str:
        """The Message-ID of a mail, known before it is sent."""
        return f"<{mail_id}@{self._settings.mail_from.rpartition('@')[2]}>"

    async def send(self, mail: Mail) -> None:
        """Return once the server has taken the message over. Raises MailRefused, MailUnavailable."""
        if not self.is_configured:
            raise MailUnavailable("no SMTP server is set: FULLCIRCLE_SMTP_HOST")
        message = self._written(mail)
        import aiosmtplib  # noqa: PLC0415 -- who sends no mail does not pay for it at start-up

        try:
            await aiosmtplib.send(message, **self._connection())
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPResponseException) as fault:
            raise _named(fault) from fault
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as fault:
            raise MailUnavailable(type(fault).__name__) from fault
        log.info("mail.sent", mail_id=str(mail.id))

    async def deliver(self, mail: Mail, *, kind: str) -> Delivery:
        """Send it, and answer what became of it; a failure is logged as one of this kind of message."""
        try:
            await self.send(mail)
        except MailRefused as fault:
            log.warning(f"{kind}.refused", mail_id=str(mail.id), reason=str(fault))
            return "refused"
        except MailUnavailable as fault:
            log.warning(f"{kind}.postponed", mail_id=str(mail.id), reason=str(fault))
            return "pending"
        return "delivered"

    def _connection(self) -> dict[str, Any]:
        settings = self._settings
        security: Literal["none", "starttls", "tls"] = settings.smtp_security
        password = settings.smtp_password.get_secret_value()
        return {
            "hostname": settings.smtp_host,
            "port": settings.smtp_port,
            "username": settings.smtp_user or None,
            "password": password or None,
            "use_tls": security == "tls",
            "start_tls": security == "starttls",
            "timeout": TIMEOUT_S,
        }

    def _written(self, mail: Mail) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        try:
            message["From"] = Address(display_name=self._settings.mail_name, addr_spec=self._settings.mail_from)
            message["To"] = Address(addr_spec=mail.to)
            message["Subject"] = " ".join(mail.subject.split())
            message["Date"] = format_datetime(self._clock.now())
            message["Message-ID"] = self.message_id(mail.id)
            message["Auto-Submitted"] = "auto-generated"
            if mail.in_reply_to:
                message["In-Reply-To"] = message["References"] = mail.in_reply_to
            for name, value in mail.headers.items():
                message[name] = value
        except (ValueError, IndexError, MessageError) as fault:
            raise MailRefused(f"the message cannot be addressed: {type(fault).__name__}") from fault
        message.set_content(mail.text)
        if mail.html is not None:
            message.add_alternative(mail.html, subtype="html")
        return message


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many failures: doubled each time, up to six hours."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(max(attempts - 1, 0), 20)))


def _named(fault: Any) -> MailRefused | MailUnavailable:
    """5yz is for good, 4yz for now (RFC 5321, 4.2.1); of several recipients there is only ours."""
    code = min((each.code for each in getattr(fault, "recipients", ())), default=getattr(fault, "code", 0))
    told = f"the server answered {code}"
    return MailRefused(told) if code >= PERMANENT else MailUnavailable(told)
