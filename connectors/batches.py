"""One batched write in which a bad row never fails its neighbours.

A CRM may refuse a whole batch because of one row. Then the batch is halved until the bad rows stand alone. A value
that was refused once is not sent again, and neither is a field that the CRM does not have, so that a hundred bad
rows cost few calls.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from connectors.base import NotSignedIn, Refused, TryLater, Unknown, Written
from domain.leads import LeadKey

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """One row in the CRM's own words. `id` tells it from the others of its batch."""

    id: str
    key: LeadKey
    properties: Mapping[str, object]

    def became(self, error: Exception) -> Written:
        """What an error of the whole call means for this row."""
        if isinstance(error, TryLater):
            return Written(self.key, "later", str(error), error.after)
        return Written(self.key, "unknown" if isinstance(error, Unknown) else "refused", str(error))


class BadField(Refused):
    """The CRM named the field it will not take: with `any_value` whatever stands in it, else this value of it."""

    def __init__(self, message: str, fields: frozenset[str], *, any_value: bool) -> None:
        super().__init__(message)
        self.fields = fields
        self.any_value = any_value


Send = Callable[[Sequence[Row]], list[Written]]
"""Sends the rows in one call: results in their order, or an error of `connectors.base` where all of it failed."""


class Verdicts:
    """What the CRM has refused while one batch was written."""

    def __init__(self) -> None:
        self._fields: dict[str, str] = {}
        self._values: dict[tuple[str, object], str] = {}

    def on(self, row: Row) -> str | None:
        """The sentence with which this row would be refused, if that is known already."""
        for name, value in row.properties.items():
            sentence = self._fields.get(name) or self._values.get((name, value))
            if sentence:
                return sentence
        return None

    def learn(self, error: Refused, rows: Sequence[Row]) -> bool:
        """Take in a refusal of these rows; False where it does not say which of them are bad."""
        if not isinstance(error, BadField):
            return False
        if error.any_value:
            self._fields |= dict.fromkeys(error.fields, str(error))
        elif len(rows) == 1:
            properties = rows[0].properties
            self._values |= {(name, properties[name]): str(error) for name in error.fields if name in properties}
        return any(self.on(row) for row in rows)


def deliver(rows: Sequence[Row], send: Send, verdicts: Verdicts | None = None) -> dict[str, Written]:
    """What became of each row, by its id. NotSignedIn is the only error that is raised."""
    verdicts = verdicts or Verdicts()
    done = {row.id: Written(row.key, "refused", sentence) for row in rows if (sentence := verdicts.on(row))}
    rest = [row for row in rows if row.id not in done]
    if not rest:
        return done
    try:
        return done | dict(zip([row.id for row in rest], send(rest), strict=True))
    except NotSignedIn:
        raise
    except Refused as error:
        if verdicts.learn(error, rest):
            return done | deliver(rest, send, verdicts)
        if len(rest) == 1:
            return done | {rest[0].id: rest[0].became(error)}
        half = len(rest) // 2
        return done | deliver(rest[:half], send, verdicts) | deliver(rest[half:], send, verdicts)
    except (TryLater, Unknown) as error:
        return done | {row.id: row.became(error) for row in rest}


def chunks(rows: Sequence[T], size: int) -> list[Sequence[T]]:
    """The rows in their order, at most `size` at a time."""
    return [rows[start : start + size] for start in range(0, len(rows), size)]
