"""Field-level security that an admin set by hand, beside what permission sets grant for custom fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.salesforce.schema import KINDS, kind_name

LEVELS = ("none", "read", "edit")
ALWAYS_SEEN = frozenset({"id", "isdeleted", "name", "lastname", "ownerid", "createddate", "systemmodstamp"})


@dataclass
class Permissions:
    """Whole objects that the integration user does not see, and what he may do with single fields."""

    _objects: set[str] = field(default_factory=set)
    _fields: dict[tuple[str, str], str] = field(default_factory=dict)

    def clear(self) -> None:
        self._objects.clear()
        self._fields.clear()

    def change(self, wanted: Mapping[str, str]) -> None:
        """`Lead.Email` may be none, read or edit, an object such as `Task` none or edit; the rest stays as it is.

        ValueError where there is no such thing, or no such permission; then nothing has changed.
        """
        objects, fields = set(self._objects), dict(self._fields)
        for name, level in wanted.items():
            object, dot, column = name.partition(".")
            kind = kind_name(object)
            if kind is None or level not in LEVELS:
                raise ValueError(f"{name}: {level} is not an object's or a field's none, read or edit")
            if dot:
                _check(kind, column)
                fields[kind, column.lower()] = level
            elif level == "none":
                objects.add(kind)
            else:
                objects.discard(kind)
        self._objects, self._fields = objects, fields

    def hides(self, kind: str) -> bool:
        return kind in self._objects

    def of(self, kind: str, column: str) -> str | None:
        """none, read or edit; None where nobody said anything about this field."""
        return self._fields.get((kind, column.lower()))

    def kinds(self) -> set[str]:
        """The objects with fields that somebody said something about."""
        return {kind for kind, _ in self._fields}

    def shown(self) -> dict[str, str]:
        return {
            **dict.fromkeys(sorted(self._objects), "none"),
            **{f"{kind}.{column}": level for (kind, column), level in self._fields.items()},
        }


def _check(kind: str, column: str) -> None:
    """Required fields are always seen; custom ones may come later."""
    known = KINDS[kind].field(column)
    if known is None and not column.endswith("__c"):
        raise ValueError(f"there is no field {kind}.{column}")
    if column.lower() in ALWAYS_SEEN or (known and known.required):
        raise ValueError(f"everybody sees {kind}.{column}")
