"""Whether the owners that a CRM remembers are as promised: read from `owner_changes` as the sandbox shows them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

Change = Mapping[str, Any]
"""`owner` (CRM id or None) and `by` ("api" is us, "person" is somebody at the screen)."""


def given(changes: Sequence[Change], people: Collection[str]) -> int:
    """How many times we gave the lead to one of these people and it stayed: a write that changed nothing does not
    count, nor one that was taken back for a person's choice."""
    count = 0
    standing = choice = None
    for change in changes:
        owner = change["owner"]
        if change["by"] == "person":
            choice = owner
        elif choice and owner == choice != standing:
            count -= 1
        elif owner != standing and owner in people:
            count += 1
        standing = owner
    return count


def overwritten(changes: Sequence[Change]) -> bool:
    """Whether a person chose the owner, we wrote another one, and that choice was not put back."""
    choice: str | None = None
    chosen = wronged = False
    for change in changes:
        if change["by"] == "person":
            if wronged:
                return True
            choice, chosen = change["owner"], True
        elif chosen:
            wronged = change["owner"] != choice
    return wronged
