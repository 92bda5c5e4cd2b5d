"""What an admin of the org can turn, and this sandbox's control API with him (PUT /sandbox/salesforce/settings)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(slots=True)
class Settings:
    """The seconds of sessions are real ones, as wherever a client waits for them."""

    page_size: int = 1000
    """rows per page of a query; the server's choice"""
    assignment_owner: str | None = None
    """the owner whom the active lead assignment rule gives every lead, or None while no rule is active"""
    duplicate_rule: bool = False
    """whether a lead with the e-mail address of another is refused, unless the request allows it"""
    daily_calls: int = 5_000_000
    daily_enforced: bool = False
    """whether calls beyond `daily_calls` are refused"""
    calls_of_others: int = 0
    """calls that other programs have used up of the daily ones"""
    app_calls: int | None = None
    """the limit of this app alone; the header then tells it too"""
    busy_calls: int = 0
    """so many of the next calls find too many others running"""
    session_seconds: float | None = None
    """a session ends after so long without a call"""
    session_calls: int | None = None
    """a session ends after so many calls"""
    html_when_expired: bool = False
    """whether the 401 of an expired session is a page of HTML"""
    logins_per_hour: int = 3600
    refresh_needs_secret: bool = True
    """whether the app's secret has to come with a refresh token"""
    refresh_rotates: bool = False
    """whether each refresh brings the next refresh token and ends the one before"""
    bulk_polls: int = 1
    """how often somebody who looks finds a bulk job still in progress"""
    commit_delay: float = 0.0
    """business seconds between the stamp of what people and forms write and the moment when others can see it"""
    tracks_history: bool = True
    """whether Setup tracks who owns a record and its status: what is changed meanwhile is not known later"""
    api_sends_outbound: bool = True
    """the integration user's permission `Send Outbound Messages`: whether its own writes are told"""

    def change(self, wishes: Mapping[str, Any]) -> dict[str, Any]:
        """What is named changes; all of them as they are then. ValueError for a name that is no setting."""
        known = [field.name for field in fields(self)]
        for name in wishes:
            if name not in known:
                raise ValueError(f"there is no setting {name!r}; there are {', '.join(known)}")
        for name, value in wishes.items():
            setattr(self, name, value)
        return asdict(self)
