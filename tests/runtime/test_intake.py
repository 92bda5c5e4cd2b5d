"""What deliveries bring is committed, and then workers are woken for it, while nobody waits for that."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
import structlog

from domain.leads import LeadKey, Seen
from ledger.store import open_ledger
from runtime.intake import Intake
from runtime.services import Services
from tests.promises.world import playbook

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SOON = 60.0


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    book = playbook("hubspot")
    with open_ledger(f"sqlite:///{tmp_path}/ledger.db") as ledger:
        yield Services(
            ledger=ledger,
            crms={},
            playbook=lambda: book,
            now=lambda: NOON,
            machine=lambda: NOON,
            tell=lambda notice: None,
            wake=lambda job, crm, lane: None,
            log=structlog.get_logger(),
        )


def seen(number: int, *, hot: bool = True) -> Seen:
    return Seen(LeadKey("hubspot", "1", "contact", str(number)), NOON, f"event {number}", hot)


def waking(services: Services, wake: Callable[[str, str, str], None]) -> Intake:
    return Intake(replace(services, wake=wake))


def test_no_delivery_waits_until_somebody_is_woken_for_another(services: Services) -> None:
    slow = Event()
    intake = waking(services, lambda job, crm, lane: bool(slow.wait(SOON)))

    kept = [intake.hand_in("hubspot", [seen(number)]).result(SOON) for number in range(3)]

    assert (kept, slow.is_set()) == ([1, 1, 1], False)
    slow.set()
    intake.close()


def test_whoever_was_to_be_woken_is_woken_before_the_end(services: Services) -> None:
    woken: list[tuple[str, str, str]] = []
    intake = waking(services, lambda *one: woken.append(one))

    for number in range(40):
        intake.hand_in("hubspot", [seen(number, hot=number % 2 == 0)]).result(SOON)
    intake.close()

    assert set(woken) == {("route", "hubspot", "hot"), ("route", "hubspot", "bulk")}
