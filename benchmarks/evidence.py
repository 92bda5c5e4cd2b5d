"""Matching calls to leads: a million calls against a hundred thousand leads, in one process.

Leads and calls are made up from a seed. A third of the calls go to leads, whose numbers are written as people and
exchanges write them; one number belongs to 4,000 leads, and a hundredth of the calls go there.
"""

import resource
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from random import Random

from benchmarks.measuring import Table, kept_or_not, megabytes, per_second
from domain.activities import Call
from domain.leads import LeadKey
from sla_monitor.matching import Leads, Reachable

LEADS, CALLS, SHARED = 100_000, 1_000_000, 4_000
MOST_SECONDS, MOST_MB = 30.0, 1_000.0

SWITCHBOARD = "+493020000000"


def run() -> Table:
    """In a process of its own: its memory is all that it takes."""
    told = subprocess.run([sys.executable, "-m", "benchmarks.evidence"], check=True, capture_output=True, text=True)
    took, busy, memory, matched, ambiguous, none = told.stdout.split()
    return Table(
        f"Calls to leads: {CALLS:,} calls, {LEADS:,} leads, one process",
        ("what", "measured", "promised", "kept"),
        [
            (
                "seconds of processor, the index included",
                busy,
                f"{MOST_SECONDS:.0f}",
                kept_or_not(float(busy) <= MOST_SECONDS),
            ),
            ("seconds by the clock on the wall", took, "", ""),
            ("MB, all that the process takes", memory, f"{MOST_MB:,.0f}", kept_or_not(float(memory) <= MOST_MB)),
            ("calls/s of processor", per_second(CALLS, float(busy)), "", ""),
            ("matched", f"{int(matched):,}", "", ""),
            ("ambiguous: a number of thousands of leads", f"{int(ambiguous):,}", "", ""),
            ("nobody's", f"{int(none):,}", "", ""),
        ],
        ["Nothing is waited for, so the two times differ by what else the machine does."],
    )


def _lead(number: int) -> Reachable:
    own = SWITCHBOARD if number < SHARED else f"+4930{number:07d}"
    key = LeadKey("salesforce", "acme", "Lead", f"00Q{number:012d}")
    return Reachable(key, (f"kim{number}@firm{number}.example",), (own,), (), f"rep{number % 50}@acme.example")


def _call(number: int, dice: Random) -> Call:
    draw = dice.random()
    if draw < 0.01:
        written = "030 20000000"
    elif draw < 0.34:
        digits = f"{dice.randrange(SHARED, LEADS):07d}"
        written = dice.choice(
            (f"+4930{digits}", f"004930{digits}", f"030 {digits[:3]} {digits[3:]}", f"(030) {digits}")
        )
    else:
        written = f"0{dice.randrange(100_000_000, 999_999_999)}"
    return Call(f"c{number}", _AT, "outbound", written, "101", 60, "human")


_AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def main() -> None:
    """Print seconds, megabytes, and how the calls came out."""
    dice = Random(5)  # noqa: S311 - numbers, not secrets
    out: Counter[str] = Counter()
    began = _times()
    leads = Leads(map(_lead, range(LEADS)), country="DE")
    took = [after - before for before, after in zip(began, _times(), strict=True)]
    for number in range(0, CALLS, 10_000):
        calls = [_call(one, dice) for one in range(number, number + 10_000)]
        began = _times()
        for call in calls:
            out[leads.of_call(call).by] += 1
        took = [sofar + after - before for sofar, before, after in zip(took, began, _times(), strict=True)]
    memory = megabytes(resource.RUSAGE_SELF)
    matched = out["phone"] + out["switchboard"]
    wall, busy = took
    sys.stdout.write(f"{wall:.1f} {busy:.1f} {memory:.0f} {matched} {out['ambiguous']} {out['none']}\n")


def _times() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


if __name__ == "__main__":
    main()
