"""Records: values that nobody changes, made for every lead.

A frozen dataclass sets each field through `object.__setattr__`, which takes five times as long as setting it: 7 to 18 %
of the time of a decision, which has fifty fields. These are frozen for mypy, which every check runs, and refuse nothing
while they run.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:
    from dataclasses import dataclass

    def record(*, frozen, slots):
        """`dataclass` of the same arguments, as described above."""
        return dataclass(slots=slots, unsafe_hash=frozen)


__all__ = ["record"]
