"""What can go wrong with one call, as the control API names it under `do`.

One of ENDINGS decides what the client gets. Beside it, or alone, an answer can be slow or tell a wrong time.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from sandbox import latency
from sandbox.latency import Seconds


@dataclass(frozen=True, slots=True)
class Status:
    """That status in the CRM's own words, and nothing is done. `retry_after` in seconds."""

    status: int
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class DropBefore:
    """The connection closes and nothing was done."""


@dataclass(frozen=True, slots=True)
class DropAfterWrite:
    """Everything is done and the connection closes without an answer."""


@dataclass(frozen=True, slots=True)
class CutAfter:
    """Done, and the connection closes after so many bytes of a body whose Content-Length is the whole one's. A shorter
    answer arrives whole."""

    bytes: int


@dataclass(frozen=True, slots=True)
class AnswerTwice:
    """The request is done twice, as when a gateway repeats it; the client hears the second answer."""


@dataclass(frozen=True, slots=True)
class ApplyLate:
    """The request is done `seconds` later, in real or business time. Now the client gets `status` (504 for example), or
    with None a closed connection."""

    seconds: float
    time: Literal["real", "business"] = "real"
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Html:
    """A web page in the place of JSON, with this status, and nothing is done."""

    status: int = 200


@dataclass(frozen=True, slots=True)
class TruncatedJson:
    """Done, and half of the body arrives as if it were the whole one."""


@dataclass(frozen=True, slots=True)
class ErrorInside:
    """The CRM's body of status 500 under a 200, and nothing is done."""


@dataclass(frozen=True, slots=True)
class AnswerWith:
    """This JSON under a 200 in the place of the CRM's own answer, and nothing is done."""

    body: str


Ending = (
    Status
    | DropBefore
    | DropAfterWrite
    | CutAfter
    | AnswerTwice
    | ApplyLate
    | Html
    | TruncatedJson
    | ErrorInside
    | AnswerWith
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """`latency` draws real seconds, `skew` is added to the answer's Date, `date` takes its place ("" removes it)."""

    ending: Ending | None = None
    latency: Seconds | None = None
    skew: float = 0.0
    date: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The words of `do` that it stands for."""
        words = [_WORD_OF[type(self.ending)]] if self.ending else []
        words += ["latency"] if self.latency else []
        words += ["clock_skew"] if self.skew else []
        words += ["date"] if self.date is not None else []
        return tuple(words)


ENDINGS: Mapping[str, type[Ending]] = {
    "status": Status,
    "drop_before": DropBefore,
    "drop_after_write": DropAfterWrite,
    "cut_after": CutAfter,
    "answer_twice": AnswerTwice,
    "apply_late": ApplyLate,
    "html": Html,
    "truncated_json": TruncatedJson,
    "error_inside": ErrorInside,
    "answer_with": AnswerWith,
}
BESIDE = ("retry_after", "latency", "clock_skew", "date")
_WORD_OF = {kind: word for word, kind in ENDINGS.items()}


def read(do: Any) -> Trouble:
    """The trouble that `do` describes. ValueError names the word that is not understood, or whose value is not."""
    known = [*ENDINGS, *BESIDE]
    if not isinstance(do, Mapping) or not do:
        raise ValueError(f"a fault needs 'do', with one of {known}")
    if unknown := sorted(set(do) - set(known)):
        raise ValueError(f"do does not know {unknown}; it knows {known}")
    ends = [word for word in do if word in ENDINGS]
    # `status` is also what is answered at once while the request is done late.
    if len(ends) > 1 and set(ends) != {"apply_late", "status"}:
        raise ValueError(f"do has {ends}; a call can end in one way only")
    if "retry_after" in do and ends != ["status"]:
        raise ValueError("retry_after goes with a status")
    return Trouble(
        ending=_ending(do, ends),
        latency=latency.read(do["latency"]) if "latency" in do else None,
        skew=number("clock_skew", do.get("clock_skew", 0), least=-float("inf")),
        date=_date(do["date"]) if "date" in do else None,
    )


def _ending(do: Mapping[str, Any], ends: list[str]) -> Ending | None:
    if not ends:
        return None
    if "apply_late" in ends:
        return _apply_late(do["apply_late"], _status(do["status"]) if "status" in do else None)
    word, value = ends[0], do[ends[0]]
    match word:
        case "status":
            after = number("retry_after", do["retry_after"]) if "retry_after" in do else None
            return Status(_status(value), after)
        case "cut_after":
            return CutAfter(whole("cut_after", value))
        case "answer_with":
            return AnswerWith(json.dumps(value))
        case "html" if value is not True:
            return Html(_status(value))
        case _ if value is True:
            return _plain(ENDINGS[word])
    raise ValueError(f"{word} is {value!r}; it may be true")


def _plain(kind: Callable[[], Ending]) -> Ending:
    return kind()


def _apply_late(value: Any, status: int | None) -> ApplyLate:
    wish = value if isinstance(value, Mapping) else {"seconds": value}
    known = [field.name for field in fields(ApplyLate)][:2]
    if unknown := sorted(set(wish) - set(known)):
        raise ValueError(f"apply_late does not know {unknown}; it is seconds, or knows {known}")
    time = wish.get("time", "real")
    if time not in ("real", "business"):
        raise ValueError(f"apply_late's time is {time!r}; it may be real or business")
    return ApplyLate(number("apply_late", wish.get("seconds")), time, status)


def _status(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 200 <= value < 600:
        return value
    raise ValueError(f"a status is {value!r}; it may be a number from 200 to 599")


def _date(value: Any) -> str:
    """ "missing" takes the header away."""
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        raise ValueError(f"date is {value!r}; it may be 'missing', or the text of the header")
    return "" if value == "missing" else value


def number(word: str, value: Any, least: float = 0.0) -> float:
    """A finite number of at least that; ValueError names the word."""
    fine = isinstance(value, int | float) and not isinstance(value, bool)
    if not fine or not least <= value < float("inf") or value == -float("inf"):
        raise ValueError(f"{word} is {value!r}; it may be a number{f' from {least:g} on' if least >= 0 else ''}")
    return float(value)


def whole(word: str, value: Any, least: int = 0) -> int:
    """A whole number of at least that; ValueError names the word."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ValueError(f"{word} is {value!r}; it may be a whole number from {least} on")
    return value
