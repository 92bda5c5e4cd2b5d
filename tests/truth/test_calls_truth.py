"""Calls are found in a real office's call detail records as the one who published them has cleaned them.

The data are not part of this repository. They are looked for beside it, in `../shared/data/cdr`: one day of an
Asterisk, and the same day without the legs that rang in parallel.
"""

import csv
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from connectors.telephony.cdr import Reading, legs_of_file
from connectors.telephony.legs import calls

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "cdr"

pytestmark = pytest.mark.skipif(
    not (DATA / "smallcdr_wo_parallelcalls.csv").exists(),
    reason="real call detail records are not here: ../shared/data/cdr",
)

Facts = tuple[str, int]
"""When a call began, and how long it lasted: what both say of one."""


def cleaned() -> Mapping[str, Facts]:
    with (DATA / "smallcdr_wo_parallelcalls.csv").open(encoding="utf-8", newline="") as file:
        return {row[16].strip(): (row[9].strip(), int(row[13])) for row in csv.reader(file)}


def ours() -> tuple[int, Mapping[str, Facts]]:
    faults: list[object] = []
    legs = legs_of_file(DATA / "smallcdr.csv", Reading(), faults.append)
    assert faults == []
    return len(legs), {call.id: (f"{call.started_at:%Y-%m-%d %H:%M:%S}", call.talk_seconds) for call in calls(legs)}


def test_the_calls_of_a_day_are_those_of_the_cleaned_list(capsys: pytest.CaptureFixture[str]) -> None:
    theirs, (legs, found) = cleaned(), ours()

    agreeing = sum(found.get(id_) == facts for id_, facts in theirs.items())
    with capsys.disabled():
        sys.stdout.write(
            f"\ncalls of a day: {len(found)} from {legs} legs, {len(theirs)} in the cleaned list; {agreeing} of these "
            f"agree in id, beginning and length ({agreeing / len(theirs):.1%})\n"
        )
    assert found == theirs
