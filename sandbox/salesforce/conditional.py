"""Requests that hold only if nothing changed: If-Modified-Since when reading, If-Unmodified-Since when writing.

Both go by LastModifiedDate, in whole seconds.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from sandbox.salesforce.errors import Refused, bad_request
from sandbox.store import Record


class Unchanged(Exception):
    """The answer is 304."""

    def __init__(self, since: datetime) -> None:
        super().__init__()
        self.headers = {"Last-Modified": http_date(since)}


def check(headers: Mapping[str, str], record: Record) -> None:
    """Refused (412) where the record changed after If-Unmodified-Since; Unchanged where it did not after
    If-Modified-Since. Refused (400) for a header that is no date.

    Salesforce's documentation gives the status of the refusal and not its text.
    """
    modified = record.modified.replace(microsecond=0)
    unmodified_since = _date(headers, "if-unmodified-since")
    if unmodified_since and modified > unmodified_since:
        raise Refused(
            "PRECONDITION_FAILED", "One or more conditions given in the request header fields failed", [], 412
        )
    check_read(headers, modified)


def check_read(headers: Mapping[str, str], modified: datetime) -> None:
    """Unchanged where what is read was not modified after If-Modified-Since."""
    modified_since = _date(headers, "if-modified-since")
    if modified_since and modified.replace(microsecond=0) <= modified_since:
        raise Unchanged(modified)


def http_date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)


def _date(headers: Mapping[str, str], name: str) -> datetime | None:
    text = headers.get(name)
    if text is None:
        return None
    try:
        at = parsedate_to_datetime(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at
    except (ValueError, TypeError, OverflowError) as wrong:
        raise bad_request(f"Invalid value for header {name}: {text}", "INVALID_HEADER_VALUE") from wrong
