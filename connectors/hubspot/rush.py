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


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record came from, and when."""

    source: str
    source_id: str
    created_at: datetime

    @property
    def batch(self) -> tuple[str, str, datetime]:
        """The same for all records that one source made in one minute."""
        return self.source, self.source_id, self.created_at.replace(second=0, microsecond=0)


def of_a_record(row: Record, kind: Kind) -> Origin:
    """The origin of a record that a search found."""
    properties = row["properties"]
    try:
        created_at = instant(properties.get(kind.created) or row["createdAt"])
    except (KeyError, ValueError):
        created_at = BEGINNING  # it waits with the others, and is read by its id all the same
    return Origin(properties.get(SOURCE) or "", properties.get(SOURCE_ID) or "", created_at)


def crowds(origins: Iterable[Origin]) -> set[tuple[str, str, datetime]]:
    """The batches that are crowds."""
    counted = Counter(origin.batch for origin in origins)
    return {batch for batch, count in counted.items() if count > CROWD}


def is_hot(origin: Origin, crowds: Collection[tuple[str, str, datetime]], since: datetime) -> bool:
    """Created after `since`, not imported, and not one of a crowd."""
    return origin.created_at > since and origin.source != IMPORT and origin.batch not in crowds
