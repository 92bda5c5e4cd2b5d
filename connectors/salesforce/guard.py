"""Whether the org still guards the owner: a rule that was never made, or was switched off, guards nobody's choice."""

import time
from collections.abc import Callable

from connectors.base import Refused
from connectors.salesforce import soql
from connectors.salesforce.errors import understood
from connectors.salesforce.org import Org, Record
from connectors.salesforce.writing import GUARD_NAME

BELIEVED = 600.0
"""Seconds that a rule which was seen is believed to be there."""


def rules(org: Org, kind: str) -> list[Record]:
    """Our validation rule of that object, with `Id` and `Active`; none where it is not there."""
    where = f"EntityDefinition.QualifiedApiName = {soql.text(kind)} AND ValidationName = {soql.text(GUARD_NAME)}"
    return org.tooling_query(soql.select(["Id", "Active"], "ValidationRule", where))


class Guard:
    """The rule of one object, looked at before owners are written."""

    def __init__(self, org: Org, kind: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._org, self._kind, self._clock = org, kind, clock
        self._seen_at: float | None = None

    @understood("the validation rule that guards the owner")
    def lacking(self) -> str:
        """What is wrong with it, and the way out; empty where it is there, or where our user may not see rules.

        Raises the errors of `connectors.base` but Refused.
        """
        if self._seen_at is not None and self._clock() - self._seen_at < BELIEVED:
            return ""
        try:
            found = rules(self._org, self._kind)
        except Refused:
            return ""  # `fairlead doctor` says so
        if not found:
            return (
                f"Salesforce has no validation rule {GUARD_NAME} that guards people's choices: run `fairlead provision`"
            )
        if not found[0]["Active"]:
            return f"the validation rule {GUARD_NAME}, which guards people's choices, is switched off: activate it"
        self._seen_at = self._clock()
        return ""
