"""The same due times by `businesstimedelta`, pandas' business hours and `workalendar`, each as its manual shows it.

Runs apart, as `python time_peers.py`, with the interpreter of an environment that holds nothing but the peers. Standard
input: {"starts": {peer: [local times of Berlin without an offset]}, "hours": [[opens, closes], the same on Monday to
Friday], "holidays": [dates], "seconds": working time, "days": business days}. Standard output: for each peer either
`error`, or its `version`, the seconds of CPU of its fastest round (`took`), and the local time that is due for each
start (`answers`). The first two add working time, the third business days: it knows no hours.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime
from importlib import import_module
from importlib.metadata import version
from typing import Any

Add = Callable[[datetime], datetime]

ROUNDS = 3


def businesstimedelta(given: Mapping[str, Any]) -> Add:
    """Rules of working days, lunch and holidays, in the time zone."""
    library, zone = import_module("businesstimedelta"), import_module("pytz").timezone("Europe/Berlin")
    (opens, lunch), (lunch_over, closes) = _times(given)
    rules = library.Rules(
        [
            library.WorkDayRule(opens, closes, working_days=[0, 1, 2, 3, 4], tz=zone),
            library.LunchTimeRule(lunch, lunch_over, working_days=[0, 1, 2, 3, 4], tz=zone),
            library.HolidayRule(dict.fromkeys(map(date.fromisoformat, given["holidays"]), "holiday"), tz=zone),
        ]
    )
    amount = library.BusinessTimeDelta(rules, seconds=given["seconds"])

    def add(start: datetime) -> datetime:
        found: datetime = zone.localize(start) + amount
        return found.astimezone(zone).replace(tzinfo=None)

    return add


def pandas(given: Mapping[str, Any]) -> Add:
    """A custom business hour with two shifts. It counts on the wall clock, which makes no difference by day."""
    library = import_module("pandas")
    parts = _times(given)
    amount = library.offsets.CustomBusinessHour(
        n=given["seconds"] // 3600,
        start=[opens for opens, _ in parts],
        end=[closes for _, closes in parts],
        holidays=given["holidays"],
    )

    def add(start: datetime) -> datetime:
        found: datetime = (library.Timestamp(start) + amount).to_pydatetime()
        return found

    return add


def workalendar(given: Mapping[str, Any]) -> Add:
    """Its own calendar of Berlin, with its own holidays."""
    calendar = import_module("workalendar.europe").Berlin()

    def add(start: datetime) -> datetime:
        found: datetime = calendar.add_working_days(start, given["days"], keep_datetime=True)
        return found

    return add


def _times(given: Mapping[str, Any]) -> Any:
    return [[datetime.strptime(each, "%H:%M").time() for each in part] for part in given["hours"]]  # noqa: DTZ007


PEERS: Mapping[str, Callable[[Mapping[str, Any]], Add]] = {
    "businesstimedelta": businesstimedelta,
    "pandas": pandas,
    "workalendar": workalendar,
}


def _measured(peer: str, given: Mapping[str, Any]) -> dict[str, object]:
    add = PEERS[peer](given)
    starts = [datetime.fromisoformat(each) for each in given["starts"][peer]]
    answers = [add(start) for start in starts]
    rounds = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        for start in starts:
            add(start)
        rounds.append(time.process_time() - begun)
    return {"version": version(peer), "took": min(rounds), "answers": [found.isoformat() for found in answers]}


def main() -> None:
    """Measure every peer; one that cannot be used is said to be so, whatever the reason."""
    given = json.load(sys.stdin)
    measured = {}
    for peer in PEERS:
        try:
            measured[peer] = _measured(peer, given)
        except Exception as problem:  # the edge of the process: the table names it
            measured[peer] = {"error": f"{type(problem).__name__}: {problem}"[:200]}
    json.dump(measured, sys.stdout)


if __name__ == "__main__":
    main()
