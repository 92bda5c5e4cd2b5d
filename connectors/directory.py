"""Who can own a lead in one CRM: asked once, kept for a while, asked again for an owner nobody has heard of."""

import time
from collections.abc import Callable, Iterable

from connectors.base import Refused
from domain.people import CrmUser

KEPT = 600.0
"""Seconds that a directory is believed. Somebody deactivated in between is refused by the CRM itself."""

ASKED_AGAIN = 30.0
"""Least seconds between two questions that unknown ids cause: old records name owners who are long gone."""


class Directory:
    """Users and queues of one CRM account by id, address and name."""

    def __init__(self, ask: Callable[[], list[CrmUser]], crm: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._crm, self._clock = ask, crm, clock
        self._users: list[CrmUser] = []
        self._by_id: dict[str, CrmUser] = {}
        self._asked_at: float | None = None

    def renew(self) -> list[CrmUser]:
        """Ask the CRM now."""
        self._users = self._ask()
        self._by_id = {user.id: user for user in self._users}
        self._asked_at = self._clock()
        return self._users

    def user(self, id: str) -> CrmUser | None:
        """Who that is, or None where the CRM does not know either."""
        self._believe(ASKED_AGAIN if id not in self._by_id else KEPT)
        return self._by_id.get(id)

    def email(self, id: str | None) -> str | None:
        """The address of the person behind an owner id; None for nobody, a queue, or somebody unknown."""
        user = self.user(id) if id else None
        return user.email if user and user.kind == "person" else None

    def unowned(self, entries: Iterable[str]) -> tuple[bool, list[str]]:
        """What `new_when.owner` means here: whether records without an owner count, and the owner ids that mean
        nobody yet.

        Refused where an entry names a queue or a user that the CRM does not have.
        """
        ids: set[str] = set()
        nobody = False
        for entry in entries:
            kind, _, name = entry.partition(":")
            if kind == "nobody":
                nobody = True
                continue
            found = self._named(kind, name.strip())
            if not found:
                raise Refused(
                    f"new_when.owner names the {kind} {name!r}, which {self._crm} does not have: create it there, or "
                    "correct new_when in its file under config/crm"
                )
            ids |= found
        return nobody, sorted(ids)

    def _named(self, kind: str, name: str) -> set[str]:
        """The ids of the queue or user of that name; asked for again where nobody has heard of it."""
        for for_seconds in (KEPT, ASKED_AGAIN):
            self._believe(for_seconds)
            found = {user.id for user in self._users if _is(user, kind, name)}
            if found:
                return found
        return set()

    def _believe(self, for_seconds: float) -> None:
        if self._asked_at is None or self._clock() - self._asked_at > for_seconds:
            self.renew()


def _is(user: CrmUser, kind: str, name: str) -> bool:
    if kind == "queue":
        return user.kind == "queue" and user.name.lower() == name.lower()
    return user.kind == "person" and user.email == name.lower()
