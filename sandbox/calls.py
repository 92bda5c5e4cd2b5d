"""What was asked of the stand-in CRMs: a count that never forgets, and the last thousand calls."""

from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 1000


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a CRM's API. `status` is None when the connection was dropped instead of an answer."""

    crm: str
    method: str
    path: str
    status: int | None
    at_real: float


class CallLog:
    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._log: deque[Call] = deque(maxlen=KEPT)

    def add(self, call: Call) -> None:
        self._counts[call.crm] += 1
        self._log.append(call)

    def count(self, crm: str) -> int:
        return self._counts[crm]

    def log(self) -> list[dict[str, Any]]:
        return [asdict(call) for call in self._log]

    def clear(self) -> None:
        self._counts.clear()
        self._log.clear()
