"""Dates and times as Salesforce writes and reads them. In this form texts sort as the times do; queries rely on it."""

from datetime import UTC, date, datetime


def stamp(at: datetime) -> str:
    """2026-06-01T09:00:00.000+0000: UTC, and whole seconds only, whatever the form seems to promise."""
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)  # most are, and a query stamps thousands
    return utc.isoformat()[:19] + ".000+0000"


def read_datetime(text: object) -> str | None:
    """The stored form of a date-time that was sent; None where it is none. A time zone must be in it."""
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
        return stamp(at) if at and at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def read_date(text: object) -> str | None:
    """The stored form of a date that was sent (a date-time is cut); None where it is none."""
    try:
        return date.fromisoformat(text[:10]).isoformat() if isinstance(text, str) else None
    except ValueError:
        return None
