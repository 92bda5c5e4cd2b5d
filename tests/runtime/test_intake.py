"""What deliveries bring is committed, and then workers are woken for it, while nobody waits for that."""

from collections.abc import Callable
from dataclasses import replace
from threading import Event

from domain.leads import LeadKey, Seen
from runtime.intake import Intake
from runtime.services import Services
from tests.runtime.conftest import NOON

SOON = 60.0


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
