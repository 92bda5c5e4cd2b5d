"""Instants as HubSpot writes them: epoch milliseconds inside, `2026-02-25T16:23:49.023Z` outside."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def in_ms(at: datetime) -> int:
    """Epoch milliseconds of an aware instant."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def written(ms: int) -> str:
    """Milliseconds as the API's text."""
    moment = _EPOCH + timedelta(milliseconds=ms)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read(text: str) -> int:
    """Milliseconds of an ISO instant or of a number of milliseconds written as text. ValueError for anything else."""
    try:
        return int(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return in_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def moment(ms: int) -> datetime:
    """The same instant as an aware datetime."""
    return _EPOCH + timedelta(milliseconds=ms)
