"""Message-tracking files: Exchange's own (`#Fields:`), an exported message trace, or any CSV with such columns."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC

from connectors.lines import Broken, Fault, Line, NotATable, moment, read
from connectors.mail.headers import ADDRESS, Automated, message_ids, why_automated
from domain.activities import Mail

_NAMES: Mapping[str, tuple[str, ...]] = {
    "at": ("date-time", "received", "date", "timestamp", "sent_at", "origin_timestamp_utc"),
    "sender": ("sender-address", "sender address", "sender_address", "sender", "from"),
    "recipients": ("recipient-address", "recipient address", "recipient_address", "recipients", "recipient", "to"),
    "id": ("message-id", "message id", "message_id"),
    "event": ("event-id", "event", "status"),
    "subject": ("message-subject", "subject", "message_subject"),
    "answers": ("in-reply-to", "in_reply_to"),
}
"""Columns by what they hold; each may be called otherwise."""

_NEEDED = ("at", "sender", "recipients", "id")

_LEFT = frozenset({"send", "sendexternal", "deliver", "delivered", "sent", "submit", ""})
"""Events of a mail that has gone on its way, or arrived. Failures, copies and steps in between prove nothing."""

_FIELDS = "#fields:"


def mails(
    first: Sequence[str], numbered: Sequence[tuple[int, str]], automated: Automated, report: Callable[[Fault], None]
) -> list[Mail]:
    """The mails that these lines tell of, a line for each recipient or for several. `first` are the lines with which
    the file begins. What cannot be read is reported and stops nothing; NotATable where the columns are not named."""
    columns, header = _columns(first)
    found: list[Mail] = []
    for each in read((number, text) for number, text in numbered if not text.startswith("#") and number != header):
        if isinstance(each, Fault):
            report(each)
            continue
        try:
            found += _mail(each, columns, automated)
        except Broken as problem:
            report(each.fault(problem.at, str(problem)))
    return found


def _columns(first: Sequence[str]) -> tuple[dict[str, int], int]:
    """Which column holds what, and the number of the line that says so (0: a comment does)."""
    for number, text in enumerate(first, start=1):
        comment = text.lower().startswith(_FIELDS)
        if text.startswith("#") and not comment:
            continue
        line = next(iter(read([(number, text[len(_FIELDS) :] if comment else text)])), None)
        if not isinstance(line, Line):
            break
        names = [cell.lower() for cell in line.cells]
        columns = {
            what: names.index(name) for what, known in _NAMES.items() if (name := _first(known, names)) is not None
        }
        if columns.keys() >= set(_NEEDED):
            return columns, 0 if comment else number
        if not comment:
            break
    raise NotATable(
        "these are no message-tracking files: the first line, or one that begins with #Fields:, must name date-time, "
        "sender-address, recipient-address and message-id"
    )


def _first(known: Sequence[str], names: Sequence[str]) -> str | None:
    return next((name for name in known if name in names), None)


def _mail(line: Line, columns: Mapping[str, int], automated: Automated) -> list[Mail]:
    if len(line.cells) <= max(columns.values()):
        raise Broken(len(line.cells), f"{len(line.cells)} values are too few: the line was cut off")
    value = {what: line.cells[at] for what, at in columns.items()}
    if value.get("event", "").lower() not in _LEFT:
        return []
    ids = message_ids(value["id"])
    if not ids:
        raise Broken(columns["id"], "the line has no message-id")
    try:
        at = moment(value["at"], UTC)
    except (ValueError, OverflowError):
        raise Broken(columns["at"], f"{value['at'][:40]!r} is not a date with a time") from None
    sender = value["sender"].strip("<>").lower()
    recipients = [one.strip().strip("<>").lower() for one in value["recipients"].replace(",", ";").split(";")]
    told = {"subject": value.get("subject", "")}
    # A mail without a sender is the server's own: a receipt, or that somebody is away.
    automatic = (
        why_automated(sender, told, automated) if ADDRESS.fullmatch(sender) else "sent by the mail server itself"
    )
    return [
        Mail(
            id=ids[0],
            sent_at=at,
            sender=sender,
            recipients=tuple(one for one in dict.fromkeys(recipients) if ADDRESS.fullmatch(one)),
            answers=tuple(message_ids(value.get("answers", ""))),
            automated=automatic,
        )
    ]
