"""E-mail by SMTP (aiosmtplib)."""

from email.message import EmailMessage
from email.utils import formatdate

import aiosmtplib

from services.identity.channels.ports import ChannelDown, ChannelRefused, Message

PERMANENT = range(500, 600)
_NO_SUCH_BOX = {550, 551, 553}


class SmtpMail:
    """`security` is none, starttls or tls; with a user name the server is signed in to."""

    def __init__(
        self, host: str, port: int, sender: str, security: str, user: str, password: str, timeout_seconds: float
    ) -> None:
        self._sender, self._host = sender, host
        self._options = {
            "hostname": host, "port": port, "use_tls": security == "tls", "start_tls": security == "starttls",
            "username": user or None, "password": password or None, "timeout": timeout_seconds,
        }  # fmt: skip

    async def send(self, message: Message) -> str:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._sender, message.to, message.subject
        mail["Date"], mail["Message-ID"] = formatdate(), f"<{message.id}@{self._sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text)
        try:
            await aiosmtplib.send(mail, **self._options)  # type: ignore[arg-type]
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPResponseException) as error:
            raise _trouble(error) from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise ChannelDown(type(error).__name__) from error
        return str(mail["Message-ID"])


def _trouble(error: Exception) -> Exception:
    code = error.recipients[0].code if isinstance(error, aiosmtplib.SMTPRecipientsRefused) else error.code  # type: ignore[attr-defined]
    if isinstance(error, aiosmtplib.SMTPAuthenticationError) or code not in PERMANENT:
        return ChannelDown(f"code {code}")
    return ChannelRefused("number" if code in _NO_SUCH_BOX else "refused", f"code {code}")
