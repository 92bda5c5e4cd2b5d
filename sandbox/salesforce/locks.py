"""Records that somebody else's transaction holds, until so many writes have bounced off."""

from sandbox.salesforce.errors import Refused


class Locks:
    def __init__(self) -> None:
        self._left: dict[str, int] = {}

    def lock(self, id: str, writes: int) -> None:
        """The next so many writes of this record are refused; zero unlocks it."""
        self._left[id] = writes

    def check(self, id: str) -> None:
        """Refused (UNABLE_TO_LOCK_ROW) while it is locked; counts the attempt."""
        left = self._left.get(id, 0)
        if left > 0:
            self._left[id] = left - 1
            raise Refused(
                "UNABLE_TO_LOCK_ROW", f"unable to obtain exclusive access to this record or 1 records: {id}", []
            )

    def clear(self) -> None:
        self._left.clear()
