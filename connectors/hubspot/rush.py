"""Whether somebody may sit in front of the form just now, or a crowd was brought in that can wait its turn."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from connectors.hubspot.answers import Record
from connectors.hubspot.kinds import Kind
from connectors.hubspot.records import BEGINNING
from connectors.values import instant

SOURCE, SOURCE_ID = "hs_object_source", "hs_object_source_id"
WANTED = (SOURCE, SOURCE_ID)

IMPORT = "IMPORT"

CROWD = 50
"""More records than this by one source in one minute are no people at a form."""


Batch = tuple[str, str, int]
"""Source, its id, and the minute since 1970."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record came from, and when."""

    source: str
    source_id: str
    created_at: datetime

    @property
    def batch(self) -> Batch:
        """The same for all records that one source made in one minute."""
        return self.source, self.source_id, int(self.created_at.timestamp()) // 60


def of_a_record(row: Record, kind: Kind) -> Origin:
    """The origin of a record that a search found."""
    properties = row["properties"]
    try:
        created_at = instant(properties.get(kind.created) or row["createdAt"])
    except (KeyError, ValueError):
        created_at = BEGINNING  # it waits with the others, and is read by its id all the same
    return Origin(properties.get(SOURCE) or "", properties.get(SOURCE_ID) or "", created_at)


def crowds(batches: Iterable[Batch]) -> set[Batch]:
    """Those that are crowds: each is named once for each of its records."""
    return {batch for batch, count in Counter(batches).items() if count > CROWD}


def is_hot(origin: Origin, crowds: Collection[Batch], since: datetime) -> bool:
    """Created after `since`, not imported, and not one of a crowd."""
    if origin.created_at <= since or origin.source == IMPORT:
        return False
    return not crowds or origin.batch not in crowds
