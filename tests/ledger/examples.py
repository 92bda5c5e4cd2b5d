"""Leads, decisions and clocks to fill a ledger with."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.clocks import Clock, ClockKind, Step
from domain.decisions import Cause, Decision, Outcome, Turn
from domain.leads import Lead, LeadKey, Seen

NINE = datetime(2026, 11, 23, 9, 0, 0, 123457, tzinfo=UTC)
ANA, BEN, CHO = "ana@acme.example", "ben@acme.example", "cho@acme.example"


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def key(number: int = 1, crm: str = "salesforce") -> LeadKey:
    return LeadKey(crm, "00D", "Lead", f"00Q{number}")


def seen(number: int = 1, at: datetime = NINE, **changes: Any) -> Seen:
    return replace(Seen(key(number), at, f"event {number}"), **changes)


def lead(number: int = 1, **values: Any) -> Lead:
    return Lead(key(number), NINE, NINE, {"email": f"lead{number}@firm{number}.example"} | values)


def decision(number: int = 1, cycle: int = 0, **changes: Any) -> Decision:
    made = Decision(
        id=f"{number:016x}/{cycle}",
        lead=key(number),
        cycle=cycle,
        cause=Cause.NEW if cycle == 0 else Cause.SLA,
        outcome=Outcome.ASSIGNED,
        rule="everything else",
        reason="next in rotation",
        decided_at=NINE,
        playbook="v1",
        owner=ANA,
        pool="dach",
        tier="fast",
        turn=Turn("dach", ANA, {ANA: 0.5, BEN: 0.5}),
    )
    return replace(made, **changes)


def clock(number: int = 1, cycle: int = 0, **changes: Any) -> Clock:
    steps = (Step(NINE + minutes(30), "notify", ("rep", "manager"), "75 %"), Step(NINE + minutes(40), "breach"))
    running = Clock(
        lead=key(number),
        cycle=cycle,
        kind=ClockKind.FIRST_RESPONSE,
        tier="fast",
        started_at=NINE,
        due_at=NINE + minutes(40),
        steps=steps,
        owner=ANA,
        next_at=NINE + minutes(30),
    )
    return replace(running, **changes)
