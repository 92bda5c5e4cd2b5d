"""One mail from its headers, and whether a person wrote it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parsedate_to_datetime

from domain.activities import Mail

ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+")

READ = (
    "From", "Sender", "To", "Cc", "Bcc", "Date", "Message-ID", "In-Reply-To", "References", "Subject",
    "Auto-Submitted", "Precedence", "List-Id", "List-Unsubscribe", "X-Autoreply", "X-Autorespond",
    "X-Auto-Response-Suppress",
)  # fmt: skip
"""Headers that are asked for; of `Subject` nothing is kept."""

OUT_OF_OFFICE = "an out-of-office reply"

_AWAY = re.compile(
    r"^\s*(auto(matic(ally generated)?)?[ -]?(reply|response)|automatische antwort|abwesenheits(notiz|nachricht|agent)|"
    r"out of (the )?office|r[eé]ponse automatique|absence du bureau|risposta automatica|fuori sede|"
    r"respuesta autom[aá]tica|fuera de la oficina|resposta autom[aá]tica|automatisch antwoord|afwezigheidsbericht|"
    r"autosvar|frånvaro|automatisk svar|automaattinen vastaus|automatyczna odpowied[zź])\b",
    re.IGNORECASE,
)

_LONGEST_ID = 998
_MOST_RECIPIENTS = 500


@dataclass(frozen=True, slots=True)
class Automated:
    """What `config/evidence.yaml` says of mails that nobody wrote: addresses and header names, in lower case."""

    senders: frozenset[str] = frozenset()
    headers: tuple[str, ...] = ()


def mail_of(raw: bytes, automated: Automated) -> Mail | None:
    """The mail; None where it has no id, no date or no sender: nobody could say what it proves."""
    message = BytesHeaderParser().parsebytes(raw)
    ids = message_ids(_text(message, "Message-ID"))
    sent_at = _sent_at(_text(message, "Date"))
    senders = addresses(_all(message, "From")) or addresses(_all(message, "Sender"))
    if not ids or sent_at is None or not senders:
        return None
    headers = {name.lower(): _text(message, name) for name in dict.fromkeys(message.keys())}
    return Mail(
        id=ids[0],
        sent_at=sent_at,
        sender=senders[0],
        recipients=tuple(
            dict.fromkeys(addresses(text for name in ("To", "Cc", "Bcc") for text in _all(message, name)))
        ),
        answers=tuple(
            dict.fromkeys((*message_ids(headers.get("in-reply-to", "")), *message_ids(headers.get("references", ""))))
        ),
        automated=why_automated(senders[0], headers, automated),
    )


def why_automated(sender: str, headers: Mapping[str, str], automated: Automated) -> str:
    """Why no person wrote this mail; nothing where one may have. `headers` by name in lower case."""
    submitted = headers.get("auto-submitted", "").partition(";")[0].strip().lower()
    precedence = headers.get("precedence", "").strip().lower()
    if submitted == "auto-replied" or precedence == "auto_reply" or _AWAY.search(headers.get("subject", "")):
        return OUT_OF_OFFICE
    if any(headers.get(name, "").strip().lower() not in ("", "no") for name in ("x-autoreply", "x-autorespond")):
        return OUT_OF_OFFICE
    if sender in automated.senders:
        return f"sent by {sender}, which sends by itself"
    for name in automated.headers:
        if name in headers and not (name == "auto-submitted" and submitted in ("", "no")):
            return f"its header {name} says that a program sent it"
    if submitted not in ("", "no"):
        return "its header auto-submitted says that a program sent it"
    if precedence in ("bulk", "list", "junk") or headers.get("list-id") or headers.get("list-unsubscribe"):
        return "a mail to a list"
    return ""


def addresses(texts: Iterable[str]) -> list[str]:
    """The e-mail addresses in lower case, each once."""
    found = (address.strip().lower() for _, address in getaddresses(list(texts)))
    return [one for one in dict.fromkeys(found) if ADDRESS.fullmatch(one)][:_MOST_RECIPIENTS]


def message_ids(text: str) -> list[str]:
    """Message-IDs without their brackets. Some programs leave these out."""
    found = re.findall(r"<([^<>\s]+)>", text) or text.split()
    return [one for one in found if len(one) <= _LONGEST_ID]


def _all(message: Message, name: str) -> list[str]:
    return [str(value) for value in message.get_all(name, [])]


def _text(message: Message, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())


def _sent_at(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
