"""What was asked of the stand-in CRMs: counts that never forget, and the last ten thousand calls."""

import json
import re
from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 10_000
MOST_PATTERNS = 2_000
"""Patterns that are counted apart; calls to further ones are counted together, as OTHERS."""
OTHERS = "(others)"

_ID = re.compile(r"\d+|(?=[A-Za-z]*\d)[0-9A-Za-z]{15}([0-9A-Za-z]{3})?(-\d+)?|[^/]*(@|%40)[^/]*", re.ASCII)
_ROWS = ("records", "inputs", "compositeRequest")


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a CRM's API. `status` is None when the connection was dropped instead of an answer.

    `at_real` is when it began (epoch seconds, real time), `seconds` how long it took; `records` how many its body
    holds, and `faults` the words of `do` that struck it.
    """

    crm: str
    method: str
    path: str
    status: int | None
    at_real: float
    seconds: float = 0.0
    records: int = 0
    faults: tuple[str, ...] = ()


class CallLog:
    def __init__(self) -> None:
        self._totals: Counter[str] = Counter()
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._log: deque[Call] = deque(maxlen=KEPT)

    def add(self, call: Call) -> None:
        self._totals[call.crm] += 1
        kind = (call.crm, call.method, pattern(call.path))
        if kind not in self._counts and len(self._counts) >= MOST_PATTERNS:
            kind = (call.crm, call.method, OTHERS)
        self._counts[kind] += 1
        self._log.append(call)

    def count(self, crm: str) -> int:
        """All calls to this CRM, however many."""
        return self._totals[crm]

    def counts(self, crm: str = "", path: str = "") -> list[dict[str, Any]]:
        """Calls by CRM, method and path pattern, most first: of this CRM, and with this text in the pattern."""
        return [
            {"crm": of, "method": method, "path": shape, "calls": calls}
            for (of, method, shape), calls in self._counts.most_common()
            if crm in ("", of) and path in shape
        ]

    def log(self, crm: str = "", path: str = "", since: float = 0.0) -> list[dict[str, Any]]:
        """The last calls, oldest first: of this CRM, with this text in the path, begun at or after `since`."""
        return [
            asdict(call) for call in self._log if crm in ("", call.crm) and path in call.path and call.at_real >= since
        ]

    def clear(self) -> None:
        self._totals.clear()
        self._counts.clear()
        self._log.clear()


def pattern(path: str) -> str:
    """The path with {id} for every record's id or e-mail address in it."""
    return "/".join("{id}" if _ID.fullmatch(part) else part for part in path.split("/"))


def records_in(body: bytes) -> int:
    """How many rows a request's JSON holds: of a batch its length, 1 for any other object, 0 for anything else."""
    if not body.lstrip().startswith(b"{"):
        return 0
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return 0
    return next((len(rows) for name in _ROWS if isinstance(rows := content.get(name), list)), 1)
