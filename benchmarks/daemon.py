"""The whole daemon against the stand-in CRMs: how near a backlog comes to what the account's limit allows, and how
long a fresh lead waits for its owner.

Web, worker, beat, queue and sandbox are the processes of `fairlead up --sandbox`, on this machine's cores together.
No peer does this job; the yardsticks are the limit itself and the promises.
"""

import time
from collections.abc import Mapping
from math import ceil
from typing import Any

from benchmarks.backlog import control, fill
from benchmarks.installed import installed, until_all_is_written
from benchmarks.measuring import Table, kept_or_not
from scripts.up import Installation

BACKLOG = 8000
ALLOWED = 190 / 10
"""Calls a second that HubSpot allows an app of a Professional account; searches are counted apart."""

A_SECOND = 25
SECONDS = 40
LATENCY = 0.05
PROMISED: Mapping[str, float] = {"salesforce": 0.5, "hubspot": 0.8}
"""Real seconds from webhook to owner written, p50, at most."""

TO_THE_STAND_IN = "not-a-secret-but-long-enough"


def run() -> Table:
    """Both measurements, each with an installation of its own."""
    ratio, refused = _backlog()
    rows = [("HubSpot calls of a backlog, of what the limit allows", f"{ratio:.0%}", "80%", kept_or_not(ratio >= 0.8))]
    rows.append(("… refused with 429", str(refused), "0", kept_or_not(refused == 0)))
    for crm, waits in _fresh().items():
        half, most = (waits[max(0, ceil(len(waits) * share) - 1)] for share in (0.5, 0.95))
        title = f"{crm}: webhook to owner written, p50 of {len(waits)} leads (p95 {most:.2f} s)"
        rows.append((title, f"{half:.2f} s", f"{PROMISED[crm]} s", kept_or_not(half <= PROMISED[crm])))
    return Table(
        "The daemon: three worker processes, web, beat, queue and both stand-in CRMs on the same cores",
        ("what", "measured", "promised", "kept"),
        rows,
        [
            f"The backlog: {BACKLOG:,} leads that wait in HubSpot, with its limits in force (190 calls in 10 s, 5 "
            "searches a second). Calls are those that the stand-in answered between the first and the last owner "
            "written, without searches, which HubSpot counts apart. "
            f"Fresh leads: {A_SECOND} a second into each CRM at once for {SECONDS} s, every answer of both CRMs "
            f"{LATENCY * 1000:.0f} ms late, from the creation in the CRM to its taking the owner, as the CRM saw it."
        ],
    )


def _backlog() -> tuple[float, int]:
    """The share of the limit that was used between the first and the last owner, and how many calls were refused."""
    with installed(_a_backlog) as installation:
        until_all_is_written(installation, BACKLOG)
        written = sorted(
            row["owner_written_real"] for row in _rows(installation, "hubspot") if row["owner_written_real"]
        )
        log = control(str(installation.sandbox), "GET", f"calls?crm=hubspot&since={written[0]}")["log"]
    limited = [call for call in log if "/search" not in call["path"] and call["at_real"] <= written[-1]]
    return len(limited) / (written[-1] - written[0]) / ALLOWED, sum(call["status"] == 429 for call in log)


def _fresh() -> dict[str, list[float]]:
    """For each CRM the real seconds from the creation of a lead to its owner, ascending."""
    with installed(_late_answers) as installation:
        begun = time.monotonic()
        for second in range(SECONDS):
            for crm in PROMISED:
                fill(str(installation.sandbox), crm, A_SECOND, first=second * A_SECOND)
            installation.supervisor.pause(max(0.0, begun + second + 1 - time.monotonic()))
        until_all_is_written(installation, A_SECOND * SECONDS * len(PROMISED))
        return {
            crm: sorted(
                row["owner_written_real"] - row["created_real"]
                for row in _rows(installation, crm)
                if row["owner_written_real"]
            )
            for crm in PROMISED
        }


def _a_backlog(installation: Installation) -> None:
    """Before anything polls, with the limits in force."""
    control(str(installation.sandbox), "PUT", "hubspot/limits", {"enforced": True})
    for first in range(0, BACKLOG, 1000):
        fill(str(installation.sandbox), "hubspot", 1000, first=first)


def _late_answers(installation: Installation) -> None:
    """Also, Salesforce tells of new leads as HubSpot does, by an outbound message that an admin has set up."""
    installation.learn({"SALESFORCE_WEBHOOK_SECRET": TO_THE_STAND_IN})
    message = {"url": f"{installation.web}/salesforce/webhook/{TO_THE_STAND_IN}", "when": "created"}
    control(str(installation.sandbox), "POST", "salesforce/outbound", message)
    for crm in PROMISED:
        control(
            str(installation.sandbox),
            "POST",
            "faults",
            {"crm": crm, "times": 1_000_000_000, "do": {"latency": LATENCY}},
        )


def _rows(installation: Installation, crm: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = control(str(installation.sandbox), "GET", f"{crm}/leads")
    return rows
